import { expect, test } from 'vitest'
import { CryptoFailure } from '../../../crypto/index.ts'
import { benchResult, interleaved, median } from '../../../main/services/bench/measure.ts'
import { measuredElsewhere } from '../../../main/services/bench/peers.ts'

/** One that takes the given times in turn. */
function taking(name: string, times: readonly (number | null)[], order: string[] = []) {
  let turn = 0
  return {
    name,
    run: () => {
      order.push(name)
      turn += 1
      return Promise.resolve(times[turn - 1] ?? null)
    },
  }
}

test('runs all in turns, leaves the first round out, and tells medians and the ratio of the same rounds', async () => {
  const order: string[] = []
  const ours = taking('seal', [99, 2, 4, 3], order)
  const theirs = taking('copy', [99, 1, 1, 2], order)
  const { seconds, references } = await interleaved(ours, [theirs], 3, {})
  expect(order).toEqual(['seal', 'copy', 'seal', 'copy', 'seal', 'copy', 'seal', 'copy'])
  expect(seconds).toBe(3)
  // 2, 4 and 1.5 to one.
  expect(references).toEqual([{ name: 'copy', seconds: 1, ratio: 2 }])
})

test('a peer that is absent has no figures', async () => {
  const { references } = await interleaved(taking('seal', [1, 1]), [taking('peer', [null, null])], 1, {})
  expect(references).toEqual([{ name: 'peer', seconds: null, ratio: null }])
  expect(await measuredElsewhere('nowhere', '/nonexistent/program', []).run()).toBeNull()
  expect(await measuredElsewhere('mute', process.execPath, ['-e', '']).run()).toBeNull()
})

test('stops between two runs when it is told to', async () => {
  const stop = new AbortController()
  const first = { name: 'seal', run }
  function run(): Promise<number> {
    stop.abort()
    return Promise.resolve(1)
  }
  const order: string[] = []
  const all = interleaved(first, [taking('copy', [1], order)], 5, { signal: stop.signal })
  await expect(all).rejects.toThrow(CryptoFailure)
  expect(order).toEqual([])
})

test('a result has the shape that other programs rely on', () => {
  const result = benchResult(
    { what: 'seal', suite: 'intl-1', sizeMiB: 64, runs: 5 },
    { seconds: 0.123456, references: [] },
  )
  expect(Object.keys(result).sort()).toEqual([
    'mibPerSecond',
    'peakMiB',
    'references',
    'runs',
    'seconds',
    'sizeMiB',
    'suite',
    'what',
  ])
  expect(result).toMatchObject({ seconds: 0.1235, mibPerSecond: 518 })
  expect(result.peakMiB).toBeGreaterThan(20)
})

test('a median is one of the values', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([1, 2])).toBe(2)
  expect(median([])).toBeNull()
  expect(median([1, null])).toBeNull()
})
