import type { DocumentFields, JobControl, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { oneAtATime } from '../delivery/one-at-a-time.ts'
import { recordedPlatform } from '../evidence/recorded-platform.ts'
import type { Ports } from '../ports.ts'
import { openServerClock } from '../time/server-clock.ts'
import type { Locks } from '../tokens/locks.ts'
import type { Trust } from '../trust.ts'
import { answerChallenge } from './answer-challenge.ts'
import { lazySigner } from './attendance.ts'
import { attendedBid } from './attended-bid.ts'
import { beginning, openingOf, requireBegun } from './beginning.ts'
import type { OpeningQuestions } from './beginning.ts'
import type { FollowPace } from './follow.ts'
import { requireRemedy } from './keys.ts'
import type { OpeningKeys } from './keys.ts'
import type { OpeningNews } from './news.ts'
import { patientPlatform } from './patient-platform.ts'
import type { RecordFields } from './record.ts'
import { followRecord, keepRecord, requireRecord } from './record.ts'
import { requireInTime, respondToRecord, responseLimit } from './respond.ts'
import type { ResponseLimit } from './respond.ts'

/** What has been reached, in order; with a plain twin `released` says that it was handed over. */
export type OpeningStep = 'signed-in' | 'released' | 'recorded' | 'confirmed'

export interface OpeningRequest {
  /** A sealId, a sealed file or a header file. */
  readonly bid: string
  readonly platformUrl: string
  /** The lock that opens, main or second; it signs too unless another is named. */
  readonly token: string
  /** The lock that signs for the bidder, where that is another one. */
  readonly signToken?: string | undefined
  /** What opens the bid; that lock where nothing is said. */
  readonly keys?: OpeningKeys | undefined
  readonly trust: Trust
  /** Whether to wait for the opening; else `opening.early` before it. */
  readonly wait?: boolean | undefined
  /** Whether to wait for the record after the release. */
  readonly follow: boolean
  /** Whether to sign the confirmation of a record in which our bid was opened. */
  readonly confirm: boolean
  readonly questions: OpeningQuestions
  /** Told what has been reached, in order. */
  readonly onStep?: (step: OpeningStep) => void
  /** Told what happens between the steps. */
  readonly onNews?: ((news: OpeningNews) => void) | undefined
  readonly pace?: FollowPace | undefined
}

export interface OpeningOutcome {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  readonly openingId: string
  /** Null when a plain twin was handed over in its place. */
  readonly releaseReceipt: DocumentFields<'releaseReceipt'> | null
  /** Null when the command did not wait for it. */
  readonly record: {
    readonly fields: RecordFields
    readonly document: SignedDocument
    readonly own: RecordFields['bids'][number]
    readonly limit: ResponseLimit
  } | null
  readonly confirmed: boolean
}

/**
 * Attends an opening: wait for it, compare what is stored, have the challenge checked, sign in, release the keys, follow to
 * the record, check it, confirm it. Run again it goes on where it stopped and releases nothing twice. Throws `opening.*`,
 * `platform.*`, `bid.*`, `token.*`.
 */
export async function attendOpening(
  ports: Ports,
  locks: Locks,
  request: OpeningRequest,
  control: JobControl,
): Promise<OpeningOutcome> {
  const { signal } = control
  const { onNews } = request
  const plain = ports.platformAt(request.platformUrl, signal)
  const found = await attendedBid(ports, plain, request.bid, request.trust)
  const { sealId } = found.bid.header
  const recorded = recordedPlatform(ports, plain, { sealId, sealDigest: found.bid.sealDigest })
  const keys = request.keys ?? { kind: 'lock' }
  requireRemedy(keys, found.bid, found.tender)
  const platform = patientPlatform(recorded, signal, onNews)
  // Who waits is not sent away by a fault that passes before the wait has begun.
  const waiting = request.wait === true
  const openingId = await openingOf(waiting ? platform : recorded, found.tender.packageDigest)
  const clock = openServerClock(ports, recorded, found.tender)
  const begun = await beginning({
    ...{ ports, platform: recorded, found, openingId, clock, signal },
    ...{ patient: platform, wait: waiting, pace: request.pace, onNews },
  })
  await requireBegun(ports, recorded, clock, begun, request.questions)
  if (!found.ours && !(await request.questions.isThisTheBid(found.bid.shortCode))) {
    throw new AppFailure('opening.not-confirmed', 'the short code was not confirmed')
  }
  const attended = { ...found, tender: begun.terms.tender }
  const signer = lazySigner(ports, locks, request.signToken ?? request.token, attended)
  const attendance = { ports, platform, attended, terms: begun.terms, openingId, clock, signer }
  const { releaseReceipt, challenge } = await oneAtATime(ports, sealId, () =>
    answerChallenge(
      attendance,
      locks,
      { ...request, keys, onSignedIn: () => request.onStep?.('signed-in'), onNews },
      control,
    ),
  )
  request.onStep?.('released')
  const names = { sealId, sealDigest: attended.bid.sealDigest, shortCode: attended.bid.shortCode, openingId }
  if (!request.follow) return { ...names, releaseReceipt, record: null, confirmed: false }
  // Nobody is kept waiting while the opening goes on.
  const { sealDigest } = attended.bid
  const document = await followRecord(platform, { openingId, sealDigest, signal, pace: request.pace, onNews })
  const { fields, own } = await requireRecord(ports, platform, document, attended, challenge)
  clock.learn(new Date(fields.serverTime))
  const limit = responseLimit(fields, attended.tender)
  // Nobody agrees in the bidder's name to a record in which the bid was not opened.
  const confirmed = request.confirm && own.state === 'opened'
  await oneAtATime(ports, sealId, () => keepRecord(attendance, document, own.state))
  request.onStep?.('recorded')
  if (confirmed) {
    requireInTime(limit, clock.now())
    await respondToRecord(attendance, document, { kind: 'confirm' })
    request.onStep?.('confirmed')
  }
  return { ...names, releaseReceipt, record: { fields, document, own, limit }, confirmed }
}
