import { CryptoFailure, decodeDocument, sha256Hex, verifyBidderDocument } from '../../../crypto/index.ts'
import type { DocumentFields, Release, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { ReleaseAnswer } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import type { Attendance, ReleaseAttempt, WaitingRelease } from '../state/opening-record.ts'
import { attendedBid } from './attend.ts'
import type { AttendedBid } from './attend.ts'
import { headerPlace } from './headers.ts'
import { signReceipt } from './judge.ts'
import type { Judgement } from './judge.ts'
import { placesBefore } from './queue.ts'
import { moveOn, requireBegun } from './window.ts'

/** seal-format, "Order of checks": a platform accepts at most 20 releases a bid. */
const mostReleases = 20
/** How soon somebody who waits asks again, in milliseconds. */
const shortestWait = 200
const longestWait = 10_000

/**
 * Takes a release: judges it, signs the releaseReceipt, writes both down before it answers; where releases are slow (the
 * script says so) it is written down and waits its turn. The same bytes again answer the same and are one attempt. After the
 * close a release of the bidder's is written down and never opened (`platform.closed`). Throws `platform.not-open`,
 * `platform.unknown`, `platform.refused`, `opening.challenge`, `document.*`.
 */
export function acceptBidRelease(
  context: PracticeContext,
  openingId: string,
  release: Release,
): Promise<ReleaseAnswer> {
  return context.work.traffic.serve(async () => {
    const receivedAt = context.clock.now()
    const fields = decodeDocument('release', release.bytes)
    requireWhole(release, fields)
    if (context.openings.opening(openingId) === null) await requireBegun(context, openingId)
    // Shared with other releases, never with the close, which waits for whatever came before it.
    const answer = await context.lock.share(openingId, () => {
      const attended = attendedBid(context, openingId, fields.sealDigest)
      return context.lock.run(fields.sealDigest, () => take(context, attended, release, receivedAt))
    })
    await moveOn(context, openingId)
    return answer
  })
}

/**
 * Judges a release out of the queue. It came in time, whatever has happened since. At the `last` try whatever is in the way
 * is taken as this release's fault: the others do not wait for it for ever.
 */
export async function judgeWaiting(
  context: PracticeContext,
  openingId: string,
  sealDigest: string,
  { release, receivedAt, releaseDigest }: WaitingRelease,
  last: boolean,
): Promise<void> {
  await context.lock.run(sealDigest, async () => {
    const { challenge, waiting } = context.openings.attendance(openingId, sealDigest)
    const bid = context.bids.bySealDigest(sealDigest)
    if (bid === null || challenge === null) throw new AppFailure('platform.unknown', 'the bid is gone')
    if (!waiting.some(each => each.releaseDigest === releaseDigest)) return
    const attempt = await judged(context, openingId, bid, challenge, release, receivedAt).catch((error: unknown) => {
      // It held when it was taken; what holds no more (a certificate's file, say) must not stop the queue.
      if (last || error instanceof CryptoFailure) return refused(context, openingId, bid, release, receivedAt)
      throw error
    })
    await note(context, openingId, bid, attempt)
  })
  await moveOn(context, openingId)
}

async function take(
  context: PracticeContext,
  attended: AttendedBid,
  release: Release,
  receivedAt: Date,
): Promise<ReleaseAnswer> {
  const { openingId, closesAt } = attended.opening
  const attendance = context.openings.attendance(openingId, attended.bid.sealDigest)
  const { challenge, signIn, releases, waiting } = attendance
  const releaseDigest = sha256Hex(release.bytes)
  const before = releases.find(attempt => attempt.releaseDigest === releaseDigest)
  if (before?.receipt !== undefined && before.receipt !== null) return { state: 'receipt', receipt: before.receipt }
  if (before !== undefined) throw tooLate()
  const place = waiting.find(each => each.releaseDigest === releaseDigest)
  if (place !== undefined) return queued(context, place)
  if (releases.length + waiting.length >= mostReleases) throw new AppFailure('platform.refused', 'too many releases')
  if (isClosed(context, openingId) || receivedAt >= closesAt) return refuseLate(context, attended, release, receivedAt)
  if (challenge === null) throw new AppFailure('platform.refused', 'no challenge has been given')
  if (signIn === null) throw new AppFailure('platform.refused', 'the bidder has not signed in')
  return accept(context, attended, attendance, challenge, release, receivedAt)
}

async function accept(
  context: PracticeContext,
  attended: AttendedBid,
  attendance: Attendance,
  challenge: SignedDocument,
  release: Release,
  receivedAt: Date,
): Promise<ReleaseAnswer> {
  const { bid } = attended
  const { openingId } = attended.opening
  // One that would be refused does not get a place in the queue either.
  const attempt = await judged(context, openingId, bid, challenge, release, receivedAt)
  const waits = context.script.perRelease() > 0 || attendance.waiting.length > 0
  const { releaseDigest } = attempt
  const place = waits ? { releaseDigest, release, receivedAt, place: context.work.queue.nextPlace(context) } : null
  if (place === null) {
    await note(context, openingId, bid, attempt)
    return { state: 'receipt', receipt: attempt.receipt }
  }
  await context.openings.note(openingId, bid.sealDigest, { kind: 'waiting', waiting: place })
  context.watchers.notify(openingId)
  context.work.queue.workOff(context)
  return queued(context, place)
}

/** A release that counts, with its receipt. */
type TakenRelease = ReleaseAttempt & { readonly receipt: SignedDocument }

async function judged(
  context: PracticeContext,
  openingId: string,
  bid: BidRecord,
  challenge: SignedDocument,
  release: Release,
  receivedAt: Date,
): Promise<TakenRelease> {
  const header = headerPlace(context, bid)
  const now = context.clock.now()
  return taken(
    release,
    receivedAt,
    await context.work.judges.judge({ header, openingId, challenge, release, receivedAt, now }),
  )
}

async function refused(
  { clock, keys }: PracticeContext,
  openingId: string,
  bid: BidRecord,
  release: Release,
  receivedAt: Date,
): Promise<TakenRelease> {
  const digest = sha256Hex(release.bytes)
  const parts = bid.parts.map(({ name }) => ({ name, result: 'refused' as const }))
  const receipt = await signReceipt(keys, { openingId, digest, parts, receivedAt, now: clock.now() })
  return taken(release, receivedAt, { digest, parts, receipt })
}

function taken(release: Release, receivedAt: Date, { digest, parts, receipt }: Judgement): TakenRelease {
  const matched = parts.filter(part => part.result === 'matched').map(part => part.name)
  const whole = matched.length === parts.length
  return { releaseDigest: digest, release, receivedAt, late: false, matched, whole, receipt }
}

async function note(
  context: PracticeContext,
  openingId: string,
  bid: BidRecord,
  attempt: ReleaseAttempt,
): Promise<void> {
  await context.openings.note(openingId, bid.sealDigest, { kind: 'release', release: attempt })
  context.watchers.notify(openingId)
  const said = attempt.late ? 'late' : `${attempt.matched.length} of ${bid.parts.length} parts matched`
  context.log(`release for ${bid.submissionId}: ${said}`)
}

async function refuseLate(
  context: PracticeContext,
  { shelved, bid, opening }: AttendedBid,
  release: Release,
  receivedAt: Date,
): Promise<never> {
  // Only its bidder's releases are written down, or anybody could fill the twenty places.
  const { anchors } = shelved.tender
  verifyBidderDocument('release', release, { anchors, creditCode: bid.bidder.creditCode, at: receivedAt })
  const releaseDigest = sha256Hex(release.bytes)
  const late = { release, receivedAt, releaseDigest, late: true, matched: [], whole: false, receipt: null }
  await note(context, opening.openingId, bid, late)
  throw tooLate()
}

function queued(context: PracticeContext, place: WaitingRelease): ReleaseAnswer {
  const ahead = placesBefore(context, place)
  const retryAfter = Math.min(Math.max((ahead + 1) * context.script.perRelease(), shortestWait), longestWait)
  return { state: 'queued', ahead, retryAfter }
}

function isClosed(context: PracticeContext, openingId: string): boolean {
  return context.openings.opening(openingId)?.closedAt !== null
}

/** Envelopes hurt on the way are sent again; judged, they would be this release's answer for good. */
function requireWhole(release: Release, { parts }: DocumentFields<'release'>): void {
  for (const { name, envelopeDigest } of parts) {
    const envelope = release.envelopes.get(name)
    if (envelope === undefined || sha256Hex(envelope) !== envelopeDigest) {
      throw new AppFailure('document.malformed', 'an envelope is not the one the release names')
    }
  }
}

function tooLate(): AppFailure {
  return new AppFailure('platform.closed', 'the opening has closed; the release is recorded and stays unopened')
}
