import { expect, test } from 'vitest'
import { openingKeys } from '../../../main/cli/opening-keys.ts'
import type { Context } from '../../../main/cli/shell.ts'

const questions: string[] = []
const context = (interactive: boolean): Context =>
  ({
    terminal: {
      interactive,
      words: ({ en }: { readonly en: string }) => en,
      confirm(words: string) {
        questions.push(words)
        return Promise.resolve(true)
      },
    },
  }) as unknown as Context

const handsOver = async (interactive: boolean, options: object): Promise<boolean> => {
  const keys = await openingKeys(context(interactive), { twin: 'bid.twin', ...options }, 0)
  if (keys.kind !== 'plain-twin') throw new Error('no twin')
  return keys.handOver(1)
}

test('a plain twin is handed over when it is agreed to by name or by a person, and never by --yes', async () => {
  expect(await handsOver(false, { yes: true })).toBe(false)
  expect(await handsOver(false, { handOverPlaintext: true })).toBe(true)
  expect(questions).toEqual([])
  expect(await handsOver(true, { yes: true })).toBe(true)
  expect(questions).toHaveLength(1)
})
