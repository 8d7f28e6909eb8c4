import { afterAll, describe, expect, it } from 'vitest'
import { plugCycles, type PluggableLock, pluggablePkcs11, pluggableSkf } from './bodies/plug-cycles.ts'

// All cycles of plug-cycles.long.ts, with a watch that looks more often than the product's; and a few with the product's.
const locks: readonly (readonly [string, () => PluggableLock])[] = [
  ['an SKF lock', pluggableSkf],
  ['a PKCS#11 lock', pluggablePkcs11],
]
const made: PluggableLock[] = []

afterAll(() => {
  for (const lock of made) lock.remove()
})

describe('a lock that is pulled out and put in again', () => {
  it.concurrent.each(locks)(
    '%s: 50 times in one process',
    async (_name, make) => {
      const lock = make()
      made.push(lock)
      expect((await plugCycles(lock, 50, 40)).processes).toBe(1)
    },
    60_000,
  )

  it.concurrent.each(locks)(
    '%s: seen within three seconds',
    async (_name, make) => {
      const lock = make()
      made.push(lock)
      const { processes, slowest } = await plugCycles(lock, 2)
      expect(processes).toBe(1)
      expect(slowest).toBeLessThan(3_000)
    },
    60_000,
  )
})
