import { decodeDocument, lotOf, signDocument } from '../../../crypto/index.ts'
import type { SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'

/** Signs the receipt for a bid that has been received or withdrawn at a moment of the platform's clock. */
export function signReceipt(
  context: PracticeContext,
  bid: BidRecord,
  kind: 'received' | 'withdrawn',
  at: Date,
): Promise<SignedDocument> {
  const tender = context.tenders.byDigest(bid.packageDigest)?.tender
  if (tender === undefined) return Promise.reject(new AppFailure('platform.unknown', 'the tender package is gone'))
  return signDocument(
    'receipt',
    {
      kind,
      sealDigest: bid.sealDigest,
      sealId: bid.sealId,
      tender: { platform: tender.fields.platformId, tenderId: tender.fields.tenderId, lotId: lotOf(tender) },
      parts: bid.parts.map(({ name, size, root }) => ({ name, sealedSize: size, root })),
      size: bid.size,
      receivedAt: at.toISOString(),
      ...(bid.replaces === null ? {} : { replaces: bid.replaces }),
    },
    context.keys.receipt,
    context.suite,
    context.clock,
  )
}

/** The moment in a bid's receipt: when certificates are judged from then on. Throws `platform.unknown` without one. */
export function receivedAtOf(bid: BidRecord): Date {
  if (bid.receipt === null) throw new AppFailure('platform.unknown', 'the bid has no receipt')
  return new Date(decodeDocument('receipt', bid.receipt.bytes).receivedAt)
}
