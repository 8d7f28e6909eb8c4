import { describe, expect, it } from 'vitest'
import { openChunkSize, uploadChunkBytes } from '../../../main/upload/chunk-size.ts'
import { openSpeedMeter, watchLine } from '../../../main/upload/index.ts'
import type { LineEvent } from '../../../main/upload/index.ts'

describe('the speed of an upload', () => {
  it('is that of the confirmed bytes over the last seconds, and nothing before there are any', () => {
    const meter = openSpeedMeter(10_000)
    expect(meter.bytesPerSecond(0)).toBeNull()
    meter.confirmed(5_000_000, 1_000)
    expect(meter.bytesPerSecond(1_000)).toBeNull()
    meter.confirmed(5_100_000, 2_000)
    expect(meter.bytesPerSecond(2_000)).toBe(100_000)
    for (let second = 3; second <= 30; second++) meter.confirmed(5_100_000 + (second - 2) * 50_000, second * 1_000)
    expect(meter.bytesPerSecond(30_000)).toBe(50_000)
  })

  it('falls while nothing is confirmed, to nothing', () => {
    const meter = openSpeedMeter(10_000)
    meter.confirmed(0, 0)
    meter.confirmed(1_000_000, 1_000)
    expect(meter.bytesPerSecond(2_000)).toBe(500_000)
    expect(meter.bytesPerSecond(10_000)).toBe(100_000)
    expect(meter.bytesPerSecond(11_001)).toBe(0)
    expect(meter.bytesPerSecond(3_600_000)).toBe(0)
  })

  it('counts what the platform lost and takes again but once', () => {
    const meter = openSpeedMeter(10_000)
    meter.confirmed(0, 0)
    meter.confirmed(800_000, 1_000)
    meter.confirmed(0, 2_000)
    expect(meter.bytesPerSecond(2_000)).toBe(0)
    meter.confirmed(400_000, 4_000)
    expect(meter.bytesPerSecond(4_000)).toBe(100_000)
  })
})

describe('the length of requests', () => {
  it('grows to eight mebibytes on a fast line and to ten seconds on a slow one', () => {
    const fast = openChunkSize(30_000)
    for (let count = 0; count < 4; count++) fast.confirmed(fast.bytes, 5)
    expect(fast.bytes).toBe(uploadChunkBytes)
    const slow = openChunkSize(30_000)
    for (let count = 0; count < 10; count++) slow.confirmed(slow.bytes, slow.bytes / 64)
    expect(slow.bytes).toBe(640_000)
    expect(slow.patience).toBe(30_000)
  })

  it('shrinks when requests are lost, and waits longer for what a slow line still holds', () => {
    const size = openChunkSize(30_000)
    // Before anything is known, a line of two kilobytes a second is given its time.
    expect(size.patience).toBeGreaterThan(size.bytes / 2)
    for (let count = 0; count < 4; count++) size.confirmed(size.bytes, 100)
    for (let count = 0; count < 20; count++) size.lost()
    expect(size.bytes).toBe(65_536)
    expect(size.patience).toBeGreaterThan(90_000)
  })
})

describe('the watch on the line', () => {
  async function seen(
    change: (senses: { wall: number; steady: number; network: string }) => void,
  ): Promise<LineEvent[]> {
    const senses = { wall: 0, steady: 0, network: 'a' }
    const began = performance.now()
    const passed = (): number => performance.now() - began
    const events: LineEvent[] = []
    const watch = watchLine({
      wall: () => senses.wall + passed(),
      monotonic: () => senses.steady + passed(),
      addresses: () => senses.network,
      every: 10,
    })
    watch.onEvent(event => events.push(event))
    await new Promise(resolve => setTimeout(resolve, 40))
    change(senses)
    await new Promise(resolve => setTimeout(resolve, 60))
    watch.close()
    change(senses)
    await new Promise(resolve => setTimeout(resolve, 30))
    return events
  }

  it.each([
    ['a sleep during which the steady clock stood still', (s: { wall: number }) => (s.wall += 60_000), 'woke'],
    [
      'a sleep during which every clock went on',
      (s: { wall: number; steady: number }) => ((s.wall += 60_000), (s.steady += 60_000)),
      'woke',
    ],
    ['a clock that was set back', (s: { wall: number }) => (s.wall -= 86_400_000), 'woke'],
    ['another network', (s: { network: string }) => (s.network += 'b'), 'network-changed'],
  ] as const)('notices %s, once', async (_, change, event) => {
    expect(await seen(change)).toEqual([event])
  })

  it('says nothing of a clock that is a little off', async () => {
    expect(await seen(senses => (senses.wall += 2_000))).toEqual([])
  })
})
