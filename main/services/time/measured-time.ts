// What can be known of the platform's clock from a few answers: arithmetic on plain numbers, milliseconds throughout.

/** One moment by this computer's two clocks. */
export interface Instant {
  /** The clock people set. */
  readonly wall: number
  /** The one nobody sets; it may stand still while the computer sleeps. */
  readonly monotonic: number
}

/** A question about the time: when it went out, when the answer was there, and between what times the platform was. */
export interface Sample {
  readonly before: Instant
  readonly after: Instant
  readonly earliest: number
  readonly latest: number
  readonly signed: boolean
}

/** What a sample tells: by how much at least and at most the platform is ahead of the monotonic clock. */
export interface Measured {
  readonly low: number
  readonly high: number
  /** When the answer was there. */
  readonly taken: Instant
  readonly signed: boolean
}

/** A time the platform has signed is behind us: it was at least this late when that was learnt. */
export interface Floor {
  readonly time: number
  readonly taken: Instant
}

/** The platform's time at an instant. */
export interface Estimate {
  readonly time: number
  readonly uncertainty: number
  /** The platform's clock less this computer's wall clock. */
  readonly offset: number
}

/** Wall and monotonic clock part by more than this: the computer slept, or somebody set its clock. */
export const partingLimit = 2_000

/** How far a platform may go back behind what it has signed before: a correction of its clock. */
export const backwardsLimit = 2_000

/** What the monotonic clock may be fast or slow by: quartz is within 50 parts in a million, twice over. */
const drift = 1e-4

/**
 * What a sample tells; null when this computer slept or its clock was set between question and answer, or its monotonic
 * clock went back: then nobody knows how long the answer took.
 */
export function measure({ before, after, earliest, latest, signed }: Sample): Measured | null {
  const numbers = [before.wall, before.monotonic, after.wall, after.monotonic, earliest, latest]
  if (!numbers.every(Number.isFinite)) return null
  if (after.monotonic < before.monotonic || parted(before, after)) return null
  return { low: earliest - after.monotonic, high: latest - before.monotonic, taken: after, signed }
}

/** Whether the computer slept or its clock was set between two instants. */
export function parted(from: Instant, to: Instant): boolean {
  return !(Math.abs(apart(from, to)) <= partingLimit)
}

/** How much further the wall clock has gone than the monotonic one: the length of a sleep, or of a jump. */
export function apart(from: Instant, to: Instant): number {
  return to.wall - from.wall - (to.monotonic - from.monotonic)
}

/** Whether a measurement says nothing any more at an instant. */
export function isStale(measured: Measured, now: Instant): boolean {
  return now.monotonic < measured.taken.monotonic || parted(measured.taken, now)
}

/** The platform's time at an instant by one measurement, which must not be stale; never before the floor. */
export function estimate(measured: Measured, now: Instant, floor: Floor | null = null): Estimate {
  const { low, high } = aged(measured, now)
  const least = floor === null ? -Infinity : floorAt(floor, now)
  const time = Math.max(now.monotonic + (low + high) / 2, least)
  return { time, uncertainty: (high - low) / 2, offset: time - now.wall }
}

/**
 * Of two measurements the better one at an instant: a signed one before one that is not, then the one that is less
 * uncertain by now. Where they contradict each other the later counts: the platform's clock was set.
 */
export function better(before: Measured | null, next: Measured, now: Instant): Measured {
  if (before === null || isStale(before, now)) return next
  if (before.signed !== next.signed) return before.signed ? before : next
  const old = aged(before, now)
  if (old.high < next.low || next.high < old.low) return next
  return next.high - next.low <= old.high - old.low ? next : before
}

/** The later of what is known and of a time the platform has signed. */
export function raised(floor: Floor | null, time: number, taken: Instant): Floor {
  return floor !== null && floorAt(floor, taken) >= time ? floor : { time, taken }
}

/** What the platform's time is at least at an instant. The monotonic clock may stand still, so it never says too much. */
export function floorAt(floor: Floor, now: Instant): number {
  const passed = now.monotonic - floor.taken.monotonic
  return passed > 0 ? floor.time + passed * (1 - drift) : floor.time
}

/** Whether a measurement says that the platform's clock went back behind what the platform has signed. */
export function goesBack(measured: Measured, floor: Floor | null): boolean {
  if (floor === null) return false
  return measured.high + measured.taken.monotonic < floorAt(floor, measured.taken) - backwardsLimit
}

function aged({ low, high, taken }: Measured, now: Instant): { readonly low: number; readonly high: number } {
  const more = Math.abs(now.monotonic - taken.monotonic) * drift
  return { low: low - more, high: high + more }
}
