import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import type { Ports } from '../ports.ts'
import { apart, better, estimate, floorAt, goesBack, isStale, measure, raised } from './measured-time.ts'
import type { Floor, Instant, Measured } from './measured-time.ts'
import { readSignedTime, timeNonce } from './signed-time.ts'

/** The platform's time, and how well it is known. */
export interface Reading {
  readonly serverTime: Date
  /** The platform's clock less this computer's, in milliseconds. */
  readonly offsetMs: number
  /** The platform's time is within this of what is told: half the round trip, and what clocks drift since. */
  readonly uncertaintyMs: number
  /** Whether the platform signed it; what is not signed may be anybody's. */
  readonly signed: boolean
}

/** Where the platform's time stands towards a moment; `unsure` within the uncertainty, `unknown` without a reading. */
export type Standing = 'before' | 'unsure' | 'after' | 'unknown'

/**
 * The platform's clock as this program knows it: read from its answers, carried on by the monotonic clock. The clock of
 * this computer never decides.
 */
export interface ServerClock {
  /**
   * Asks the platform. Throws `platform.clock` for a signed time that does not verify or goes back behind what the platform
   * has signed before, and what the platform throws; what was known stays known.
   */
  read(): Promise<Reading>
  /** The platform's time; null before the first reading, and after a sleep or a jump of this computer's clock. */
  now(): Date | null
  /** What is known now, nothing asked; null as in {@link now}. */
  reading(): Reading | null
  /** A time in something the platform has signed and the caller has verified (receipt, challenge, record): it has passed. */
  learn(atLeast: Date): void
  /** What the platform's time is at least, by everything it has signed; null when that is nothing. */
  notBefore(): Date | null
  /** Where the platform's time stands towards a deadline or an opening. */
  standing(moment: Date): Standing
}

/** Ports the clock needs; with a journal it notes there when this computer slept or its clock was set. */
export type ClockPorts = Pick<Ports, 'clock' | 'monotonic' | 'randomness'> & Partial<Pick<Ports, 'journal'>>

/** An answer as uncertain as this is good enough, in milliseconds; a worse one is asked for again. */
const goodEnough = 250
const mostSamples = 3
/** No further question is begun after this many milliseconds: on a slow line the first answer must do. */
const patience = 3_000

/** The clock of the platform that published a tender package. Nothing is asked before {@link ServerClock.read}. */
export function openServerClock(ports: ClockPorts, platform: Platform, tender: Tender): ServerClock {
  const monotonic = ports.monotonic ?? (() => performance.now())
  const instant = (): Instant => ({ wall: ports.clock.now().getTime(), monotonic: monotonic() })
  let known: Measured | null = null
  let floor: Floor | null = null
  /** The platform has signed once: from then on an unsigned answer is somebody's attempt to be believed without. */
  let signs = false
  let reading: Promise<Reading> | null = null

  const current = (now: Instant): Measured | null => (known === null || isStale(known, now) ? null : known)

  function told(now: Instant): Reading | null {
    const measured = current(now)
    if (measured === null) return null
    const { time, uncertainty, offset } = estimate(measured, now, floor)
    return {
      serverTime: new Date(Math.round(time)),
      offsetMs: Math.round(offset),
      uncertaintyMs: Math.ceil(uncertainty),
      signed: measured.signed,
    }
  }

  async function ask(): Promise<Measured | null> {
    const nonce = timeNonce(ports.randomness)
    const before = instant()
    const document = await platform.signedTime(tender.packageDigest, nonce).catch((error: unknown) => {
      if (signs || !hasNone(error)) throw error
      return null
    })
    if (document !== null) {
      const after = instant()
      const measured = measure({ ...readSignedTime(document, tender, nonce), before, after, signed: true })
      if (measured !== null && goesBack(measured, floor)) throw wentBack()
      signs = true
      return measured
    }
    const asked = instant()
    const time = (await platform.serverTime()).getTime()
    return measure({ before: asked, after: instant(), earliest: time, latest: time, signed: false })
  }

  /** Forgets a reading that says nothing any more, and notes why. */
  async function forgetStale(): Promise<void> {
    const now = instant()
    if (known === null || !isStale(known, now)) return
    const apartMs = Math.round(apart(known.taken, now))
    known = null
    // What is read next does not depend on it.
    await ports.journal?.append('clock-jumped', { apartMs }).catch(() => undefined)
  }

  async function readOnce(): Promise<Reading> {
    await forgetStale()
    const begun = monotonic()
    for (let samples = 1; ; samples += 1) {
      const measured = await ask()
      const now = instant()
      if (measured !== null) {
        known = better(known, measured, now)
        if (measured.signed) floor = raised(floor, measured.low + measured.taken.monotonic, measured.taken)
      }
      const result = told(now)
      const enough = result !== null && result.uncertaintyMs <= goodEnough
      const over = samples >= mostSamples || (result !== null && monotonic() - begun > patience)
      if (result !== null && (enough || over)) return result
      if (over) throw new AppFailure('platform.clock', 'this computer’s clock was set or it slept while it asked')
    }
  }

  return {
    read() {
      reading ??= readOnce().finally(() => {
        reading = null
      })
      return reading
    },
    now: () => told(instant())?.serverTime ?? null,
    reading: () => told(instant()),
    learn(atLeast) {
      const time = atLeast.getTime()
      if (Number.isFinite(time)) floor = raised(floor, time, instant())
    },
    notBefore: () => (floor === null ? null : new Date(Math.floor(floorAt(floor, instant())))),
    standing(moment) {
      const now = instant()
      const at = moment.getTime()
      if (floor !== null && floorAt(floor, now) >= at) return 'after'
      const found = told(now)
      if (found === null) return 'unknown'
      const ahead = found.serverTime.getTime() - at
      if (Math.abs(ahead) <= found.uncertaintyMs) return 'unsure'
      return ahead > 0 ? 'after' : 'before'
    },
  }
}

/** Whether a platform gives no signed time at all, rather than a wrong one or none just now. */
function hasNone(error: unknown): boolean {
  return error instanceof AppFailure && (error.code === 'platform.unknown' || error.code === 'platform.refused')
}

function wentBack(): AppFailure {
  return new AppFailure('platform.clock', 'the platform’s time goes back behind what it has signed before')
}
