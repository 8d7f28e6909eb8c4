import { describe, expect, test } from 'vitest'
import {
  better,
  estimate,
  floorAt,
  goesBack,
  isStale,
  measure,
  raised,
  type Instant,
  type Measured,
} from '../../../../main/services/time/measured-time.ts'

const day = 86_400_000
const instant = (monotonic: number, jumped = 0): Instant => ({ wall: 1_000_000 + monotonic + jumped, monotonic })

/** An answer that took `trip` ms, from a platform `ahead` of the monotonic clock. */
const sample = (at: number, ahead: number, trip: number, signed = true): Measured => {
  const middle = at + trip / 2
  const measured = measure({
    before: instant(at),
    after: instant(at + trip),
    earliest: middle + ahead,
    latest: middle + ahead,
    signed,
  })
  if (measured === null) throw new Error('no measurement')
  return measured
}

describe('one answer', () => {
  test('tells the time to half its round trip, wherever on the way the platform looked at its clock', () => {
    for (const looked of [0, 0.1, 0.5, 0.9, 1]) {
      const time = 5_000 + 400 * looked + 777
      const measured = measure({
        before: instant(5_000),
        after: instant(5_400),
        earliest: time,
        latest: time,
        signed: true,
      })
      if (measured === null) throw new Error('no measurement')
      const found = estimate(measured, instant(5_400))
      expect(found.uncertainty).toBe(200)
      expect(Math.abs(found.time - (5_400 + 777))).toBeLessThanOrEqual(200)
    }
  })

  test.each([
    ['a wall clock set a day on', instant(100, day)],
    ['a wall clock set a day back', instant(100, -day)],
    ['a sleep in which the monotonic clock stood', instant(100, 60_000)],
    ['a monotonic clock that went back', { wall: 1_000_100, monotonic: -1 }],
    ['a clock that is no number', { wall: Number.NaN, monotonic: 100 }],
  ])('says nothing after %s in between', (_what, after) => {
    expect(measure({ before: instant(0), after, earliest: 1, latest: 1, signed: true })).toBeNull()
  })

  test('becomes less certain as the monotonic clock drifts', () => {
    const measured = sample(0, 500, 20)
    expect(estimate(measured, instant(20)).uncertainty).toBeCloseTo(10)
    expect(estimate(measured, instant(3_600_020)).uncertainty).toBeCloseTo(370)
  })
})

describe('an answer that is kept', () => {
  test.each([
    ['a jump of a day on', instant(1_000, day), true],
    ['a jump of a day back', instant(1_000, -day), true],
    ['a sleep of three seconds', instant(1_000, 3_000), true],
    ['a slow correction of a second', instant(1_000, 1_000), false],
    ['nothing at all', instant(1_000), false],
    ['a restart of the monotonic clock', { wall: 1_000_000, monotonic: 3 }, true],
  ])('is stale after %s: %s', (_what, now, stale) => {
    expect(isStale(sample(0, 500, 20), now)).toBe(stale)
  })
})

describe('of two answers', () => {
  test('the less uncertain one counts, in either order', () => {
    const [slow, quick] = [sample(0, 500, 2_000), sample(3_000, 510, 20)]
    expect(better(slow, quick, instant(3_020))).toBe(quick)
    const later = sample(6_000, 505, 3_000)
    expect(better(quick, later, instant(9_000))).toBe(quick)
  })

  test('an old one gives way once it has become the less certain', () => {
    const [old, next] = [sample(0, 500, 20), sample(7_200_000, 510, 400)]
    expect(better(old, next, instant(7_200_400))).toBe(next)
  })

  test('a signed one counts before one that is not, however slow', () => {
    const [signed, unsigned] = [sample(0, 500, 2_000), sample(3_000, 90_000, 2, false)]
    expect(better(signed, unsigned, instant(3_002))).toBe(signed)
    expect(better(unsigned, signed, instant(3_002))).toBe(signed)
  })

  test('that contradict each other the later counts: the platform’s clock was set', () => {
    const [before, after] = [sample(0, 500, 20), sample(1_000, 600_500, 400)]
    expect(better(before, after, instant(1_400))).toBe(after)
  })

  test('a stale one never counts', () => {
    const [before, after] = [sample(0, 500, 2), sample(1_000, 500, 4_000)]
    const now = instant(5_000, day)
    expect(better(before, { ...after, taken: now }, now).taken).toBe(now)
  })
})

describe('what the platform has signed', () => {
  test('is the least its time can be, and goes on with the monotonic clock', () => {
    const floor = raised(null, 50_000, instant(0))
    expect(floorAt(floor, instant(0))).toBe(50_000)
    expect(floorAt(floor, instant(10_000))).toBeCloseTo(59_999)
    expect(floorAt(floor, { wall: 9, monotonic: -5 })).toBe(50_000)
    expect(raised(floor, 55_000, instant(10_000))).toBe(floor)
    expect(raised(floor, 61_000, instant(10_000)).time).toBe(61_000)
  })

  test('lifts an estimate that is below it', () => {
    const floor = raised(null, 10_300, instant(1_020))
    const found = estimate(sample(0, 9_000, 20), instant(1_020), floor)
    expect(found.time).toBe(10_300)
  })

  test('shows a clock that goes back, but not one that is corrected a little', () => {
    const floor = raised(null, 100_000, instant(0))
    expect(goesBack(sample(0, 97_000, 20), floor)).toBe(true)
    expect(goesBack(sample(0, 98_500, 20), floor)).toBe(false)
    expect(goesBack(sample(0, 97_000, 20), null)).toBe(false)
  })
})
