import { archiveLength, CryptoFailure, decodeDocument, lotOf, verifyPlatformDocument } from '../../../crypto/index.ts'
import type { DocumentFields, SealedBid, SignedDocument, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Ports } from '../ports.ts'

export type ReceiptFields = DocumentFields<'receipt'>

/**
 * Checks a receipt to the letter: signed by a certificate the tender lists for receipts and valid when it was given, and
 * about this bid with its parts, roots and length. Only what passes counts as delivered. Throws `platform.receipt`.
 */
export function requireReceipt(
  receipt: SignedDocument,
  bid: SealedBid,
  tender: Tender,
  kind: ReceiptFields['kind'],
): ReceiptFields {
  const fields = readReceipt(receipt, tender)
  const { header, sealDigest } = bid
  const expected = { platform: tender.fields.platformId, tenderId: tender.fields.tenderId, lotId: lotOf(tender) }
  if (fields.kind !== kind) throw wrong(`it is of kind ${fields.kind}`)
  if (fields.sealDigest !== sealDigest || fields.sealId !== header.sealId) throw wrong('it names another sealed bid')
  if (
    fields.tender.platform !== expected.platform ||
    fields.tender.tenderId !== expected.tenderId ||
    fields.tender.lotId !== expected.lotId
  ) {
    throw wrong('it names another tender')
  }
  if (fields.size !== archiveLength(bid)) throw wrong('it names another length')
  const named = fields.parts.map(({ name, sealedSize, root }) => `${name} ${sealedSize} ${root}`).join()
  const sealed = header.parts.map(({ name, sealedSize, root }) => `${name} ${sealedSize} ${root}`).join()
  if (named !== sealed) throw wrong('it names other parts')
  if (fields.replaces !== header.replaces) throw wrong('it names another bid as replaced')
  return fields
}

/** The receipt this home keeps of a bid, checked again; null without one that holds. */
export async function keptReceipt(
  ports: Ports,
  bid: SealedBid,
  tender: Tender,
): Promise<{ readonly document: SignedDocument; readonly fields: ReceiptFields } | null> {
  const document = await ports.deliveries.document(bid.header.sealId, 'receipt')
  if (document === null) return null
  try {
    return { document, fields: requireReceipt(document, bid, tender, 'received') }
  } catch (error) {
    if (error instanceof AppFailure && error.code === 'platform.receipt') return null
    throw error
  }
}

/** When the platform received a bid, by {@link keptReceipt}: the time certificates are judged at from then on. */
export async function receivedAtOf(ports: Ports, bid: SealedBid, tender: Tender): Promise<Date | undefined> {
  const kept = await keptReceipt(ports, bid, tender)
  return kept === null ? undefined : new Date(kept.fields.receivedAt)
}

/** The signer's certificate is judged at the time the receipt itself names: the platform's word, whatever our clock says. */
function readReceipt(receipt: SignedDocument, tender: Tender): ReceiptFields {
  try {
    const { receivedAt } = decodeDocument('receipt', receipt.bytes)
    return verifyPlatformDocument('receipt', receipt, tender, 'receipt', new Date(receivedAt))
  } catch (error) {
    if (error instanceof CryptoFailure) throw new AppFailure('platform.receipt', error.detail, { cause: error })
    throw error
  }
}

function wrong(detail: string): AppFailure {
  return new AppFailure('platform.receipt', detail)
}
