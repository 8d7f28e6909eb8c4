import { randomBytes } from 'node:crypto'
import { decodeDocument, lotOf, sha256Hex, signDocument, verifyBidderDocument } from '../../../crypto/index.ts'
import type { SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import type { OpeningRecord } from '../state/opening-record.ts'
import type { ShelvedTender } from '../state/tender-shelf.ts'
import { requireSame } from '../submission/begin.ts'
import { headerPlace } from './headers.ts'
import { requireBegun } from './window.ts'

/** A standing bid at its opening, with the package it was sealed for. */
export interface AttendedBid {
  readonly opening: OpeningRecord
  readonly bid: BidRecord
  readonly shelved: ShelvedTender
}

/** Notes that a bidder attends. Throws `platform.not-open`, `platform.closed`, `platform.unknown`, `document.*`. */
export async function signIn(context: PracticeContext, openingId: string, document: SignedDocument): Promise<void> {
  const claimed = decodeDocument('signIn', document.bytes)
  const attended = await requireAttended(context, openingId, claimed.sealDigest)
  const { bid, shelved } = attended
  const fields = verifyBidderDocument('signIn', document, {
    anchors: shelved.tender.anchors,
    creditCode: bid.bidder.creditCode,
    at: context.clock.now(),
  })
  requireSame(fields, { openingId, creditCode: bid.bidder.creditCode })
  await context.nonces.use(fields.nonce, document.bytes)
  await context.lock.run(bid.sealDigest, async () => {
    const attendance = context.openings.attendance(openingId, bid.sealDigest)
    if (attendance.signIn !== null) return
    requireNotClosed(attended.opening)
    await context.openings.note(openingId, bid.sealDigest, { kind: 'signIn', signIn: document })
  })
}

/**
 * The platform's signed call to release one bid's keys. It is made once and answered again, to whoever knows the bid: the
 * bidder checks it before typing a PIN, and so before signing in. Throws `platform.closed` for a first asking after the
 * close.
 */
export async function challenge(
  context: PracticeContext,
  openingId: string,
  sealDigest: string,
): Promise<SignedDocument> {
  const attended = await requireAttended(context, openingId, sealDigest)
  return context.lock.run(sealDigest, async () => {
    const attendance = context.openings.attendance(openingId, sealDigest)
    const opening = context.openings.opening(openingId) ?? attended.opening
    if (opening.closedAt === null) expectRelease(context, attended.bid)
    if (attendance.challenge !== null) return attendance.challenge
    requireNotClosed(opening)
    const made = await makeChallenge(context, attended)
    await context.openings.note(openingId, sealDigest, { kind: 'challenge', challenge: made })
    return made
  })
}

/** A standing bid of an opening that has begun. Throws `platform.not-open`, `platform.unknown`. */
export async function requireAttended(
  context: PracticeContext,
  openingId: string,
  sealDigest: string,
): Promise<AttendedBid> {
  await requireBegun(context, openingId)
  return attendedBid(context, openingId, sealDigest)
}

/** A standing bid of an opening as it stands now; nothing is moved on. Throws `platform.not-open`, `platform.unknown`. */
export function attendedBid(context: PracticeContext, openingId: string, sealDigest: string): AttendedBid {
  const opening = context.openings.opening(openingId)
  if (opening === null) throw new AppFailure('platform.not-open', 'the opening has not begun')
  const bid = opening.standing.includes(sealDigest) ? context.bids.bySealDigest(sealDigest) : null
  const shelved = bid === null ? null : context.tenders.byDigest(bid.packageDigest)
  if (bid === null || shelved === null) throw new AppFailure('platform.unknown', 'no such bid stands at this opening')
  return { opening, bid, shelved }
}

/** Whoever asks for a challenge is about to release: what that is held against is read before it comes. */
function expectRelease(context: PracticeContext, bid: BidRecord): void {
  context.work.judges.expect(headerPlace(context, bid)).catch((error: unknown) => {
    context.log(`the header of ${bid.submissionId} does not hold: ${error instanceof Error ? error.message : 'thrown'}`)
  })
}

/** Throws `platform.closed`. */
export function requireNotClosed(opening: OpeningRecord): void {
  if (opening.closedAt !== null) throw new AppFailure('platform.closed', 'the opening has closed')
}

function makeChallenge(context: PracticeContext, { opening, bid, shelved }: AttendedBid): Promise<SignedDocument> {
  const { tender } = shelved
  const receipt = bid.receipt?.bytes ?? new Uint8Array()
  return signDocument(
    'challenge',
    {
      openingId: opening.openingId,
      tender: { platform: tender.fields.platformId, tenderId: tender.fields.tenderId, lotId: lotOf(tender) },
      sealDigest: bid.sealDigest,
      receiptDigest: sha256Hex(receipt),
      recipient: sha256Hex(context.keys.openingKey.certificate),
      list: opening.list,
      openedAt: opening.openedAt.toISOString(),
      closesAt: opening.closesAt.toISOString(),
      nonce: randomBytes(32).toString('hex'),
    },
    context.keys.opening,
    context.suite,
    context.clock,
  )
}
