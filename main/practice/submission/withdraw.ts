import { decodeDocument, verifyBidderDocument } from '../../../crypto/index.ts'
import type { SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PracticeContext } from '../context.ts'
import { requireInTime, requireSame } from './begin.ts'
import { signReceipt } from './receipt.ts'

/**
 * Takes a standing bid back before the deadline and answers the receipt of kind `withdrawn`; asked again it answers the
 * same one. Throws `platform.late`, `platform.unknown`, `platform.refused` for a bid that does not stand, `document.*`.
 */
export async function withdrawBid(context: PracticeContext, withdrawal: SignedDocument): Promise<SignedDocument> {
  const claimed = decodeDocument('withdraw', withdrawal.bytes)
  const bid = context.bids.bySealDigest(claimed.sealDigest)
  const shelved = bid === null ? null : context.tenders.byDigest(bid.packageDigest)
  if (bid === null || shelved === null) throw new AppFailure('platform.unknown', 'no such bid')
  const fields = verifyBidderDocument('withdraw', withdrawal, {
    anchors: shelved.tender.anchors,
    creditCode: bid.bidder.creditCode,
    at: context.clock.now(),
  })
  requireSame(fields, {
    platform: context.keys.platformId,
    tenderId: shelved.tender.fields.tenderId,
    lotId: shelved.tender.fields.lotId ?? '',
    sealId: bid.sealId,
    creditCode: bid.bidder.creditCode,
  })
  await context.nonces.use(fields.nonce, withdrawal.bytes)
  return context.lock.run(bid.openingId, async () => {
    const current = context.bids.bySealDigest(bid.sealDigest) ?? bid
    if (current.withdrawal !== null) return current.withdrawal.receipt
    requireInTime(context, shelved)
    if (context.bids.stateOf(current) !== 'received') throw new AppFailure('platform.refused', 'the bid does not stand')
    const receipt = await signReceipt(context, current, 'withdrawn', context.clock.now())
    await context.bids.save({ ...current, withdrawal: { document: withdrawal, receipt } })
    context.log(`submission ${current.submissionId} withdrawn`)
    return receipt
  })
}
