import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { makeTurns } from '../../../main/ipc/turns.ts'

test('work on one thing runs in order, on different things side by side', async () => {
  const inTurn = makeTurns<string>()
  const events: string[] = []
  const work = (name: string, time: number) => async () => {
    events.push(`${name} begins`)
    await wait(time)
    events.push(`${name} ends`)
    return name
  }
  const answers = await Promise.all([
    inTurn('a', work('first', 30)),
    inTurn('a', work('second', 1)),
    inTurn('b', work('other', 1)),
  ])
  expect(answers).toEqual(['first', 'second', 'other'])
  expect(events).toEqual(['first begins', 'other begins', 'other ends', 'first ends', 'second begins', 'second ends'])
})

test('work that fails fails alone', async () => {
  const inTurn = makeTurns<string>()
  const failing = inTurn('a', () => Promise.reject(new Error('no')))
  const next = inTurn('a', () => Promise.resolve('yes'))
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('yes')
})
