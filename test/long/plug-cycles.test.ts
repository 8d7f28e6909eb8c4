import { describe, expect, it } from 'vitest'
import { pluggableLocks, plugCyclesOf } from './bodies/plug-cycles.ts'

// All cycles of plug-cycles.long.ts, with a watch that looks more often than the product's; and a few with the product's.
describe('a lock that is pulled out and put in again', () => {
  it.concurrent.each(pluggableLocks)(
    '%s: 50 times in one process',
    async (_name, make) => {
      expect((await plugCyclesOf(make, 50, 40)).processes).toBe(1)
    },
    60_000,
  )

  it.concurrent.each(pluggableLocks)(
    '%s: seen within three seconds',
    async (_name, make) => {
      const { processes, slowest } = await plugCyclesOf(make, 2)
      expect(processes).toBe(1)
      expect(slowest).toBeLessThan(3_000)
    },
    60_000,
  )
})
