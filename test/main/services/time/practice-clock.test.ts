import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock, systemRandomness } from '../../../../crypto/index.ts'
import { openServerClock } from '../../../../main/services/index.ts'
import {
  codeOf,
  publishTender,
  startBench,
  type Bench,
  type PublishedTender,
} from '../../../fixtures/practice-platform.ts'

let bench: Bench
let published: PublishedTender

beforeAll(async () => {
  bench = await startBench()
  published = await publishTender(bench)
})

afterAll(() => bench.close())

test('the practice platform’s signed time is read over HTTP, whatever this computer’s clock says', async () => {
  await bench.advance(5 * 3_600_000)
  for (const wrong of [-86_400_000, 0, 86_400_000]) {
    const ports = {
      clock: { now: () => new Date(systemClock.now().getTime() + wrong) },
      randomness: systemRandomness,
    }
    const clock = openServerClock(ports, bench.platform, published.tender)
    const reading = await clock.read()
    expect(reading.signed).toBe(true)
    const error = reading.serverTime.getTime() - bench.clock.now().getTime()
    expect(Math.abs(error)).toBeLessThanOrEqual(reading.uncertaintyMs + 50)
    expect(Math.abs(reading.offsetMs - (5 * 3_600_000 - wrong))).toBeLessThanOrEqual(reading.uncertaintyMs + 50)
  }
})

test('a tender it does not know has its unsigned time', async () => {
  const stranger = { ...published.tender, packageDigest: 'ab'.repeat(32) }
  const clock = openServerClock({ clock: systemClock, randomness: systemRandomness }, bench.platform, stranger)
  expect(await clock.read()).toMatchObject({ signed: false })
})

test('no time is known while it cannot be reached, and the last one goes on', async () => {
  const clock = openServerClock({ clock: systemClock, randomness: systemRandomness }, bench.platform, published.tender)
  await clock.read()
  await bench.close()
  expect(await codeOf(clock.read())).toBe('platform.unreachable')
  expect(clock.now()).not.toBeNull()
})
