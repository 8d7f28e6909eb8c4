import { join } from 'node:path'
import { decodeDocument, sha256Hex, verifyBidderDocument } from '../../../crypto/index.ts'
import type { SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { encodeSigned } from '../../platform/index.ts'
import { writeJsonAtomic } from '../../store/index.ts'
import type { PracticeContext } from '../context.ts'
import { requireSame } from '../submission/begin.ts'
import { requireBegun } from './window.ts'

/**
 * Keeps a bidder's confirmation of the record, or an objection to it. Both are signed over the record's digest by somebody
 * who has a bid at this opening. Throws `platform.not-open` while there is no record, `platform.unknown`, `document.*`.
 */
export async function respond(
  context: PracticeContext,
  kind: 'confirm' | 'objection',
  openingId: string,
  document: SignedDocument,
): Promise<void> {
  const { record } = await requireBegun(context, openingId)
  if (record === null) throw new AppFailure('platform.not-open', 'there is no record yet')
  const claimed = decodeDocument(kind, document.bytes)
  const bid = context.bids
    .all()
    .find(
      each => each.openingId === openingId && each.bidder.creditCode === claimed.creditCode && each.receipt !== null,
    )
  const shelved = bid === undefined ? null : context.tenders.byDigest(bid.packageDigest)
  if (bid === undefined || shelved === null) throw new AppFailure('platform.unknown', 'no bid of this bidder')
  const fields = verifyBidderDocument(kind, document, {
    anchors: shelved.tender.anchors,
    creditCode: bid.bidder.creditCode,
    at: context.clock.now(),
  })
  requireSame<{ openingId: string; recordDigest: string }>(fields, { openingId, recordDigest: sha256Hex(record.bytes) })
  await context.nonces.use(fields.nonce, document.bytes)
  // Named by its own digest: the same response twice is one file.
  const name = `${openingId}.${kind}.${sha256Hex(document.bytes)}.json`
  await writeJsonAtomic(join(context.folders.responses, name), encodeSigned(document))
}
