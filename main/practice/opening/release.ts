import { decodeDocument, sha256Hex, signDocument, verifyBidderDocument } from '../../../crypto/index.ts'
import type { AcceptedRelease, Release, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PracticeContext } from '../context.ts'
import type { Attendance, ReleaseAttempt } from '../state/opening-record.ts'
import { receivedAtOf } from '../submission/receipt.ts'
import { requireAttended } from './attend.ts'
import type { AttendedBid } from './attend.ts'
import { judgeRelease, verifiedHeader } from './released-keys.ts'
import { moveOn } from './window.ts'

/** seal-format, "Order of checks": a platform accepts at most 20 releases a bid. */
const mostReleases = 20

/**
 * Takes a release: judges it, signs the releaseReceipt, writes both down before it answers. The same bytes again answer
 * the same receipt and are one attempt. After the close a release of the bidder's is written down and never opened
 * (`platform.closed`). Throws `platform.not-open`, `platform.unknown`, `platform.refused`, `opening.challenge`, `document.*`.
 */
export async function acceptBidRelease(
  context: PracticeContext,
  openingId: string,
  release: Release,
): Promise<SignedDocument> {
  const { sealDigest } = decodeDocument('release', release.bytes)
  requireWhole(release)
  const attended = await requireAttended(context, openingId, sealDigest)
  const receipt = await context.lock.run(sealDigest, () => take(context, attended, release))
  await moveOn(context, openingId)
  return receipt
}

async function take(context: PracticeContext, attended: AttendedBid, release: Release): Promise<SignedDocument> {
  const { openingId } = attended.opening
  const attendance = context.openings.attendance(openingId, attended.bid.sealDigest)
  const releaseDigest = sha256Hex(release.bytes)
  const before = attendance.releases.find(attempt => attempt.releaseDigest === releaseDigest)
  if (before?.receipt !== undefined && before.receipt !== null) return before.receipt
  if (before !== undefined) throw tooLate()
  if (attendance.releases.length >= mostReleases) throw new AppFailure('platform.refused', 'too many releases')
  if (isClosed(context, openingId)) return refuseLate(context, attended, attendance, release)
  if (attendance.challenge === null) throw new AppFailure('platform.refused', 'no challenge has been given')
  if (attendance.signIn === null) throw new AppFailure('platform.refused', 'the bidder has not signed in')
  return accept(context, attended, attendance, attendance.challenge, release)
}

async function accept(
  context: PracticeContext,
  attended: AttendedBid,
  attendance: Attendance,
  challenge: SignedDocument,
  release: Release,
): Promise<SignedDocument> {
  const { opening, bid } = attended
  const receivedAt = context.clock.now()
  const verified = await verifiedHeader(context, bid, receivedAtOf(bid))
  const accepted = await judgeRelease(context, verified, bid, challenge, release, receivedAt)
  // Judged again after the close; until then no key of any bid stays in this process.
  for (const key of accepted.held?.keys.values() ?? []) key.fill(0)
  const receipt = await signDocument(
    'releaseReceipt',
    {
      releaseDigest: accepted.digest,
      openingId: opening.openingId,
      parts: accepted.parts,
      serverTime: receivedAt.toISOString(),
    },
    context.keys.opening,
    context.suite,
    context.clock,
  )
  const attempt = {
    release,
    receivedAt,
    releaseDigest: accepted.digest,
    late: false,
    matched: matchedOf(accepted),
    receipt,
  }
  // Under the opening's lock: what is answered as taken must be there when the close counts.
  const inTime = await context.lock.run(opening.openingId, async () => {
    if (isClosed(context, opening.openingId)) return false
    await note(context, attendance, attempt)
    return true
  })
  if (!inTime) return refuseLate(context, attended, attendance, release)
  context.log(`release for ${bid.submissionId}: ${attempt.matched.length} of ${bid.parts.length} parts matched`)
  return receipt
}

async function refuseLate(
  context: PracticeContext,
  { shelved, bid }: AttendedBid,
  attendance: Attendance,
  release: Release,
): Promise<never> {
  const receivedAt = context.clock.now()
  // Only its bidder's releases are written down, or anybody could fill the twenty places.
  const { anchors } = shelved.tender
  verifyBidderDocument('release', release, { anchors, creditCode: bid.bidder.creditCode, at: receivedAt })
  const releaseDigest = sha256Hex(release.bytes)
  await note(context, attendance, { release, receivedAt, releaseDigest, late: true, matched: [], receipt: null })
  throw tooLate()
}

function note(context: PracticeContext, attendance: Attendance, attempt: ReleaseAttempt): Promise<void> {
  return context.openings.saveAttendance({ ...attendance, releases: [...attendance.releases, attempt] })
}

function isClosed(context: PracticeContext, openingId: string): boolean {
  return context.openings.opening(openingId)?.closedAt !== null
}

/** Envelopes hurt on the way are sent again; judged, they would be this release's answer for good. */
function requireWhole(release: Release): void {
  for (const { name, envelopeDigest } of decodeDocument('release', release.bytes).parts) {
    const envelope = release.envelopes.get(name)
    if (envelope === undefined || sha256Hex(envelope) !== envelopeDigest) {
      throw new AppFailure('document.malformed', 'an envelope is not the one the release names')
    }
  }
}

function matchedOf(accepted: AcceptedRelease): ReleaseAttempt['matched'] {
  return accepted.parts.filter(part => part.result === 'matched').map(part => part.name)
}

function tooLate(): AppFailure {
  return new AppFailure('platform.closed', 'the opening has closed; the release is recorded and stays unopened')
}
