import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import type { Ports } from '../ports.ts'
import type { ServerClock } from '../time/server-clock.ts'
import type { AttendedBid } from './attended-bid.ts'
import { awaitOpening } from './await-opening.ts'
import type { Begun, WaitingNews } from './await-opening.ts'
import type { FollowPace } from './follow.ts'
import { isPassing } from './passing.ts'
import { openingTerms } from './terms.ts'

/** What only the person in front of the screen can say. Answering no ends with `opening.not-confirmed`. */
export interface OpeningQuestions {
  /** On another computer: is this the bid, by the short code on the seal slip? */
  isThisTheBid(shortCode: string): Promise<boolean>
  /** Our clock says that the opening has not begun, the platform says it has. */
  hasItBegun(times: { readonly own: Date; readonly platform: Date; readonly openingTime: Date }): Promise<boolean>
}

/** The opening the platform runs for a package. Throws `platform.unknown`. */
export async function openingOf(platform: Platform, packageDigest: string): Promise<string> {
  const listed = (await platform.tenders()).find(tender => tender.packageDigest === packageDigest)
  if (listed === undefined) throw new AppFailure('platform.unknown', 'the platform does not run this tender')
  return listed.openingId
}

/** A bid before its opening. */
export interface Beginning {
  readonly ports: Ports
  readonly platform: Platform
  /** The same, patient with faults that pass. */
  readonly patient: Platform
  readonly found: AttendedBid
  readonly openingId: string
  readonly clock: ServerClock
  /** Whether to wait; else `opening.early`. */
  readonly wait: boolean
  readonly pace?: FollowPace | undefined
  readonly onNews?: ((news: WaitingNews) => void) | undefined
  readonly signal: AbortSignal | undefined
}

/** The opening as it has begun; waits for it where that is wanted. Throws `opening.early`. */
export async function beginning(before: Beginning): Promise<Begun> {
  const { ports, platform, found, openingId, clock, signal } = before
  const { tender, bid } = found
  const first = before.wait ? before.patient : platform
  const terms = await openingTerms(ports, first, tender)
  const status = await first.opening(openingId)
  if (status.state !== 'waiting') return { status, terms }
  if (!before.wait) {
    throw new AppFailure('opening.early', `the opening is at ${terms.openingTime.toISOString()}`)
  }
  const { pace, onNews } = before
  return awaitOpening({ ports, platform, tender, openingId, sealDigest: bid.sealDigest, clock, signal, pace, onNews })
}

/**
 * Holds the beginning against the time in force. The platform's own signed clock must be past it; this computer's need not,
 * but then the person says so (seal-format, "Submission, opening, release"). Throws `opening.early`,
 * `opening.not-confirmed`.
 */
export async function requireBegun(
  ports: Ports,
  platform: Platform,
  clock: ServerClock,
  { terms: { openingTime } }: Begun,
  questions: OpeningQuestions,
): Promise<void> {
  const reading = await clock.read().catch((error: unknown) => {
    // Without a clock the challenge's own signed time still decides.
    if (isPassing(error) || (error instanceof AppFailure && error.code === 'platform.clock')) return null
    throw error
  })
  if (clock.standing(openingTime) === 'before') {
    throw new AppFailure(
      'opening.early',
      `the opening is at ${openingTime.toISOString()}, and the platform’s clock is not there`,
    )
  }
  const own = ports.clock.now()
  if (own >= openingTime) return
  const times = { own, platform: reading?.serverTime ?? (await platform.serverTime()), openingTime }
  if (!(await questions.hasItBegun(times))) {
    throw new AppFailure('opening.not-confirmed', "this computer's clock says that the opening has not begun")
  }
}
