import { describe, expect, it } from 'vitest'
import { AppFailure } from '../../../main/contract/failure.ts'
import { jitteredWait, retrying } from '../../../main/http/index.ts'
import { codeOf } from '../../fixtures/practice-platform.ts'

const policy = { tries: 3, firstWait: 1, longestWait: 4, random: () => 0.5 }

function failing(
  code: 'platform.unreachable' | 'platform.late',
  times: number,
): { calls: number; run(): Promise<string> } {
  return {
    calls: 0,
    run() {
      this.calls++
      return this.calls <= times ? Promise.reject(new AppFailure(code, 'test')) : Promise.resolve('done')
    },
  }
}

describe('trying again', () => {
  it('goes on while the platform is unreachable, up to the number of tries', async () => {
    const twice = failing('platform.unreachable', 2)
    expect(await retrying(policy, () => twice.run())).toBe('done')
    const always = failing('platform.unreachable', 9)
    expect(await codeOf(retrying(policy, () => always.run()))).toBe('platform.unreachable')
    expect(always.calls).toBe(3)
  })

  it('takes a refusal for an answer', async () => {
    const refused = failing('platform.late', 1)
    expect(await codeOf(retrying(policy, () => refused.run()))).toBe('platform.late')
    expect(refused.calls).toBe(1)
  })

  it('stops waiting when it is told to', async () => {
    const controller = new AbortController()
    const slow = { ...policy, firstWait: 60_000, longestWait: 60_000 }
    const run = retrying(slow, () => failing('platform.unreachable', 1).run(), controller.signal)
    setTimeout(() => {
      controller.abort()
    }, 20)
    expect(await codeOf(run)).toBe('cancelled')
  })

  it('waits anything between nothing and a doubling ceiling', () => {
    const wide = { tries: 9, firstWait: 100, longestWait: 1000 }
    expect(jitteredWait({ ...wide, random: () => 0 }, 5)).toBe(0)
    expect([0, 1, 2, 3, 4, 50].map(count => jitteredWait({ ...wide, random: () => 0.999 }, count))).toEqual([
      99, 199, 399, 799, 999, 999,
    ])
  })
})
