import type { SealedBid, SignedDocument, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Delivery } from '../../store/index.ts'
import type { Ports } from '../ports.ts'
import { reached } from './progress.ts'
import type { ReceiptFields } from './receipt.ts'
import { keptReceipt } from './receipt.ts'

/** A receipt that has passed every check, and its document. */
export interface CheckedReceipt {
  readonly fields: ReceiptFields
  readonly document: SignedDocument
}

/**
 * The receipt of a bid this home knows to be delivered; null when it must be asked for, a withdrawal without an answer
 * included. What a killed run had not written down is written now. Throws `platform.seal-known` for a bid that no longer
 * stands.
 */
export async function deliveredBefore(
  ports: Ports,
  bid: SealedBid,
  tender: Tender,
  delivery: Delivery | null,
): Promise<CheckedReceipt | null> {
  if (delivery === null || delivery.state === 'sealed') return null
  requireStanding(delivery)
  if (delivery.withdrawing === true) return null
  const kept = await keptReceipt(ports, bid, tender)
  if (kept === null) return null
  // A run that was killed may have got no further than the receipt.
  if (delivery.state === 'submitting') await noteReceived(ports, delivery, kept.fields)
  await noteReplaced(ports, kept.fields)
  return kept
}

/** Throws `platform.seal-known` for a bid this home knows to stand no more. */
export function requireStanding({ state }: Delivery): void {
  if (state !== 'withdrawn' && state !== 'replaced') return
  throw new AppFailure('platform.seal-known', `this sealed bid has been ${state}`)
}

/** Keeps a receipt the platform has just given: the bid counts as delivered and standing, the one it replaced as replaced. */
export async function keepReceipt(ports: Ports, delivery: Delivery, receipt: CheckedReceipt): Promise<void> {
  await ports.deliveries.keepDocument(delivery.sealId, 'receipt', receipt.document)
  await noteReceived(ports, delivery, receipt.fields)
  await noteReplaced(ports, receipt.fields)
}

async function noteReceived(ports: Ports, delivery: Delivery, { receivedAt }: ReceiptFields): Promise<void> {
  const { sealId, sealDigest } = delivery
  await ports.journal.append('received', { sealId, sealDigest, receivedAt })
  const { withdrawing: _, ...standing } = delivery
  await ports.deliveries.save(reached(standing, 'received'))
}

/** The bid a receipt says was replaced: done again on every run, because a kill may come before it. */
export async function noteReplaced(ports: Ports, { replaces, sealDigest }: ReceiptFields): Promise<void> {
  if (replaces === undefined) return
  const replaced = (await ports.deliveries.list()).find(each => each.sealDigest === replaces)
  if (replaced === undefined || reached(replaced, 'replaced') === replaced) return
  await ports.journal.append('replaced', { sealId: replaced.sealId, sealDigest: replaces, by: sealDigest })
  await ports.deliveries.save(reached(replaced, 'replaced'))
}
