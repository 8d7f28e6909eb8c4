import { archiveLength, bytesSource, decodeDocument, readSealedBid } from '../../../crypto/index.ts'
import type { SealedBid } from '../../../crypto/index.ts'
import type { SealId, TenderId } from '../../contract/ids.ts'
import type { ReceiptView, RecordView, SealedBidView } from '../../contract/views.ts'
import { importedTender, withSealedBid } from '../../services/index.ts'
import type { Delivery, KeptName } from '../../store/index.ts'
import type { Desk } from '../desks.ts'
import { readSealNote } from '../seal-note.ts'

/**
 * A sealed bid as the page shows it. What it says of receipt and record was verified when it was kept; documents are
 * kept for no other reason.
 */
export async function sealedBidView(desk: Desk, delivery: Delivery): Promise<SealedBidView> {
  const { ports } = desk
  const { sealId, packageDigest, shortCode, sealDigest } = delivery
  const tender = await importedTender(ports, packageDigest)
  const record = await recordView(desk, delivery)
  return {
    seal: sealId as SealId,
    tender: packageDigest as TenderId,
    title: tender?.fields.title ?? delivery.tenderId,
    shortCode,
    sealDigest,
    ...(await madeOf(desk, delivery)),
    state: stateOf(delivery, record),
    receipt: await receiptView(desk, delivery),
    releasedAt: await releasedAt(desk, sealId),
    keyMayBeOut: (await ports.deliveries.document(sealId, 'release')) !== null,
    record,
  }
}

type Made = Pick<SealedBidView, 'size' | 'sealedAt' | 'recipients' | 'signerRevocation'>

/** How it was made: from the note of the run that sealed it, else from the header. */
async function madeOf({ ports }: Desk, { sealId, sealedPath }: Delivery): Promise<Made> {
  // A note that is damaged is no reason to hide the bid: the header says most of it.
  const note = await readSealNote(ports.deliveries, sealId).catch(() => null)
  if (note !== null) {
    const { bid: _, ...made } = note
    return made
  }
  const header = await ports.deliveries.file(sealId, 'bid.header')
  if (header !== null) return headerFacts(await readSealedBid(bytesSource(header)))
  if (sealedPath === undefined) return noFacts
  return withSealedBid(ports, sealedPath, bid => Promise.resolve(headerFacts(bid))).catch(() => noFacts)
}

const noFacts: Made = { size: 0, sealedAt: '', recipients: [], signerRevocation: null }

function headerFacts(bid: SealedBid): Made {
  const { createdAt = '', recipients } = bid.header
  return {
    size: archiveLength(bid),
    sealedAt: createdAt,
    recipients: recipients.map(({ role, label = '' }) => ({ role, label, proved: false, revokedSince: null })),
    signerRevocation: null,
  }
}

function stateOf({ state }: Delivery, record: RecordView | null): SealedBidView['state'] {
  if (state === 'received') return 'submitted'
  if (state !== 'closed') return state
  return record?.state === 'opened' ? 'opened' : 'not-opened'
}

async function receiptView({ ports }: Desk, { sealId, state }: Delivery): Promise<ReceiptView | null> {
  const name: KeptName = state === 'withdrawn' ? 'withdrawal' : 'receipt'
  const document = await ports.deliveries.document(sealId, name)
  if (document === null) return null
  const { kind, receivedAt, sealDigest, size } = decodeDocument('receipt', document.bytes)
  return { kind, receivedAt, sealDigest, size }
}

async function releasedAt({ ports }: Desk, sealId: string): Promise<string | null> {
  const document = await ports.deliveries.document(sealId, 'release-receipt')
  return document === null ? null : decodeDocument('releaseReceipt', document.bytes).serverTime
}

async function recordView({ ports }: Desk, { sealId, sealDigest }: Delivery): Promise<RecordView | null> {
  const document = await ports.deliveries.document(sealId, 'record')
  if (document === null) return null
  const { bids, serverTime } = decodeDocument('record', document.bytes)
  const own = bids.find(bid => bid.sealDigest === sealDigest)
  if (own === undefined) return null
  const confirmed = (await ports.deliveries.document(sealId, 'confirm')) !== null
  // A record whose list did not hold is refused and never kept.
  return { serverTime, state: own.state, bids: bids.length, listHolds: true, confirmed }
}
