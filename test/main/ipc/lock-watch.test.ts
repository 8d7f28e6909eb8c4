import { afterEach, expect, test } from 'vitest'
import { watchLocks } from '../../../main/ipc/lock-watch.ts'
import type { Seen } from '../../../main/ipc/lock-watch.ts'

const module = { kind: 'pkcs11', path: '/lib/a.so' } as const
let stop = (): void => undefined

afterEach(() => stop())

interface Watched {
  rounds: number
  looks: number
  /** In which rounds it was looked. */
  readonly lookedIn: number[]
  changes: number
  busy: boolean
  seen: Seen
}

function watch(): Watched {
  const state: Watched = { rounds: 0, looks: 0, lookedIn: [], changes: 0, busy: false, seen: { seen: 'one lock' } }
  stop = watchLocks({
    modules: () => {
      state.rounds += 1
      return [module]
    },
    look: () => {
      state.looks += 1
      state.lookedIn.push(state.rounds)
      return Promise.resolve(state.seen)
    },
    busy: () => state.busy,
    onChange: () => void (state.changes += 1),
    every: 2,
  })
  return state
}

test('a lock that comes or goes is noticed, once', async () => {
  const state = watch()
  await expect.poll(() => state.looks).toBeGreaterThan(2)
  expect(state.changes).toBe(0)
  state.seen = { seen: 'no lock' }
  await expect.poll(() => state.changes).toBe(1)
  const { looks } = state
  await expect.poll(() => state.looks).toBeGreaterThan(looks + 2)
  expect(state.changes).toBe(1)
})

test('a driver that failed is left alone for a while', async () => {
  const state = watch()
  state.seen = { failed: true }
  await expect.poll(() => state.looks).toBeGreaterThan(1)
  const [first = 0, second = 0] = state.lookedIn
  expect(second - first).toBe(31)
})

test('locks that work are left alone', async () => {
  const state = watch()
  state.busy = true
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(state.looks).toBe(0)
  state.busy = false
  await expect.poll(() => state.looks).toBeGreaterThan(0)
})
