import { expect, it } from 'vitest'
import { pluggableLocks, plugCyclesOf } from './bodies/plug-cycles.ts'

it.concurrent.each(pluggableLocks)(
  '%s is pulled out and put in again 50 times, and seen each time within three seconds',
  async (_name, make) => {
    const { processes, slowest } = await plugCyclesOf(make, 50)
    expect(processes).toBe(1)
    expect(slowest).toBeLessThan(3_000)
  },
)
