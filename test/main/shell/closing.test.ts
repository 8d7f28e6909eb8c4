import { expect, test } from 'vitest'
import { closingOrder } from '../../../main/shell/closing.ts'
import type { Closing } from '../../../main/shell/closing.ts'
import { fewTimes } from '../../../main/shell/few-times.ts'

interface Stage {
  readonly closing: Closing
  readonly said: string[]
  readonly answer: (yes: boolean) => void
  readonly closed: () => void
}

function stage(busy: boolean, patience = 10_000): Stage {
  const said: string[] = []
  let answer: Stage['answer'] = () => undefined
  let closed: Stage['closed'] = () => undefined
  const closing = closingOrder({
    isBusy: () => busy,
    mayBreakOff: () => {
      said.push('ask')
      return new Promise(resolve => (answer = resolve))
    },
    close: () => {
      said.push('close')
      return new Promise(resolve => (closed = resolve))
    },
    patience,
    quit: () => said.push('quit'),
  })
  return { closing, said, answer: yes => answer(yes), closed: () => closed() }
}

function prevented(act: (event: { preventDefault(): void }) => void): boolean {
  let is = false
  act({ preventDefault: () => void (is = true) })
  return is
}

test('a window may be closed when nothing is going on', () => {
  const { closing, said } = stage(false)
  expect(prevented(event => closing.onWindowClose(event))).toBe(false)
  expect(said).toEqual([])
})

test('in the middle of work the user is asked once, and may stay', async () => {
  const { closing, said, answer } = stage(true)
  expect(prevented(event => closing.onWindowClose(event))).toBe(true)
  expect(prevented(event => closing.onWindowClose(event))).toBe(true)
  expect(prevented(event => closing.onQuit(event))).toBe(true)
  expect(said).toEqual(['ask'])
  answer(false)
  await Promise.resolve()
  await new Promise(setImmediate)
  expect(closing.begun).toBe(false)
  expect(said).toEqual(['ask'])
})

test('whoever agrees has everything ended, and then the app', async () => {
  const { closing, said, answer, closed } = stage(true)
  expect(prevented(event => closing.onQuit(event))).toBe(true)
  answer(true)
  await expect.poll(() => closing.begun).toBe(true)
  expect(said).toEqual(['ask', 'close'])
  closed()
  await expect.poll(() => said).toEqual(['ask', 'close', 'quit'])
})

test('the app does not go before everything has ended, however often it is told to', async () => {
  const { closing, said, closed } = stage(false)
  for (let time = 0; time < 3; time += 1) expect(prevented(event => closing.onQuit(event))).toBe(true)
  expect(said).toEqual(['close'])
  closed()
  await expect.poll(() => said).toEqual(['close', 'quit'])
  expect(prevented(event => closing.onQuit(event))).toBe(false)
})

test('what does not end is not waited for', async () => {
  const { closing, said } = stage(false, 20)
  closing.onQuit({ preventDefault: () => undefined })
  await expect.poll(() => said).toEqual(['close', 'quit'])
})

test('three reloads a minute are allowed, and more only later', () => {
  let now = 0
  const may = fewTimes(3, 60_000, () => now)
  expect([may(), may(), may(), may()]).toEqual([true, true, true, false])
  now = 60_000
  expect(may()).toBe(true)
})
