import { afterAll, expect, it } from 'vitest'
import { plugCycles, type PluggableLock, pluggablePkcs11, pluggableSkf } from './bodies/plug-cycles.ts'

const locks: readonly (readonly [string, () => PluggableLock])[] = [
  ['an SKF lock', pluggableSkf],
  ['a PKCS#11 lock', pluggablePkcs11],
]
const made: PluggableLock[] = []

afterAll(() => {
  for (const lock of made) lock.remove()
})

it.concurrent.each(locks)(
  '%s is pulled out and put in again 50 times, and seen each time within three seconds',
  async (_name, make) => {
    const lock = make()
    made.push(lock)
    const { processes, slowest } = await plugCycles(lock, 50)
    expect(processes).toBe(1)
    expect(slowest).toBeLessThan(3_000)
  },
)
