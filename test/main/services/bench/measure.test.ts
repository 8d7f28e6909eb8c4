import { expect, test } from 'vitest'
import { CryptoFailure } from '../../../../crypto/index.ts'
import { afterwards, benchResult, interleaved, median } from '../../../../main/services/bench/measure.ts'

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

test('what would disturb the others runs after them and is held against the median', async () => {
  const order: string[] = []
  const measured = await interleaved(taking('seal', [9, 2], order), [taking('copy', [9, 1], order)], 1, {})
  const { references } = await afterwards(measured, [taking('command', [8, 4, 6], order)], 3, {})
  expect(order.slice(4)).toEqual(['command', 'command', 'command'])
  expect(references).toEqual([
    { name: 'copy', seconds: 1, ratio: 2 },
    { name: 'command', seconds: 6, ratio: 0.3333 },
  ])
})

test('a peer that is absent has no figures', async () => {
  const { references } = await interleaved(taking('seal', [1, 1]), [taking('peer', [null, null])], 1, {})
  expect(references).toEqual([{ name: 'peer', seconds: null, ratio: null }])
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

test('a result has the shape that other programs rely on, and more only where more was measured', () => {
  const job = { what: 'seal', suite: 'intl-1', sizeMiB: 64, runs: 5 } as const
  const plain = benchResult(job, { seconds: 0.123456, references: [] }, { peakMiB: 140.6 })
  const shape = ['what', 'suite', 'sizeMiB', 'seconds', 'mibPerSecond', 'peakMiB', 'runs', 'references']
  expect(Object.keys(plain)).toEqual(shape)
  expect(plain).toMatchObject({ seconds: 0.1235, mibPerSecond: 518, peakMiB: 141 })
  const facts = { peakMiB: 1, loopDelayP99Ms: 5.4321, cancelMs: 7 }
  expect(Object.keys(benchResult(job, { seconds: 1, references: [] }, facts))).toEqual([
    ...shape,
    'loopDelayP99Ms',
    'cancelMs',
  ])
})

test('a median is one of the values', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([1, 2])).toBe(2)
  expect(median([])).toBeNull()
  expect(median([1, null])).toBeNull()
})
