import {
  acceptRelease,
  bytesSource,
  joinShares,
  readSealedBid,
  unwrapPartKeys,
  verifySealedBid,
} from '../../../crypto/index.ts'
import type { AcceptedRelease, Release, SignedDocument, Tender, VerifiedBid } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PartName } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import type { OpeningRecord } from '../state/opening-record.ts'

/** A stored bid's header archive after checks 1 to 6, judged at the receipt's time: all that keys are held against. */
export async function verifiedHeader(context: PracticeContext, bid: BidRecord, receivedAt: Date): Promise<VerifiedBid> {
  const sealed = await readSealedBid(bytesSource(await context.bids.headerArchive(bid.sealDigest)))
  const tender = tenderOf(context, bid)
  return verifySealedBid(sealed, { anchors: tender.anchors, tender, at: receivedAt, skipParts: true })
}

/**
 * Judges a release against the challenge this platform gave. Keys it yields are the caller's to wipe. Throws
 * `document.*`, `cert.*`, `opening.challenge`.
 */
export function judgeRelease(
  context: PracticeContext,
  verified: VerifiedBid,
  bid: BidRecord,
  challenge: SignedDocument,
  release: Release,
  at: Date,
): Promise<AcceptedRelease> {
  const opener = context.keys.openingKey
  return acceptRelease({ verified, tender: tenderOf(context, bid), challenge, release, opener, at })
}

/**
 * The part keys of a bid after the close, from the release that matched; null where none did. In policy `split` the
 * agency's share is joined. Throws `seal.key-mismatch` when the shares don't make the committed keys.
 */
export async function releasedKeys(
  context: PracticeContext,
  opening: OpeningRecord,
  bid: BidRecord,
  receivedAt: Date,
): Promise<ReadonlyMap<PartName, Uint8Array> | null> {
  const { challenge, releases } = context.openings.attendance(opening.openingId, bid.sealDigest)
  const attempt = releases.find(each => !each.late && each.matched.length === bid.parts.length)
  if (challenge === null || attempt === undefined) return null
  const verified = await verifiedHeader(context, bid, receivedAt)
  const { held } = await judgeRelease(context, verified, bid, challenge, attempt.release, attempt.receivedAt)
  if (held === null) return null
  if (held.holds === 'partKey') return held.keys
  const agency = await unwrapPartKeys(verified, context.keys.agencyKey)
  try {
    return joinShares(verified, held, agency).keys
  } finally {
    for (const share of [...held.keys.values(), ...agency.keys.values()]) share.fill(0)
  }
}

function tenderOf(context: PracticeContext, bid: BidRecord): Tender {
  const tender = context.tenders.byDigest(bid.packageDigest)?.tender
  if (tender === undefined) throw new AppFailure('platform.unknown', 'the tender package is gone')
  return tender
}
