import { CryptoFailure, headerArchive, verifySealedBid } from '../../../crypto/index.ts'
import type { JobControl, SealedBid, SignedDocument, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform, Submission } from '../../platform/index.ts'
import type { Delivery } from '../../store/index.ts'
import { uploadPart } from '../../upload/index.ts'
import type { Ports } from '../ports.ts'
import { isSealedBid } from '../bids/sealed-magic.ts'
import { evidenceForBid } from '../revocation/bid-evidence.ts'
import { withSealedBid } from '../sealed/sealed-file.ts'
import { importedTender, importTender, trustTender } from '../tenders/tender-file.ts'
import type { Locks } from '../tokens/locks.ts'
import type { Trust } from '../trust.ts'
import { requireNoAddendum } from './addendum.ts'
import { authorise, bidderSigner, bidReference } from './authorise.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { reached } from './progress.ts'
import type { ReceiptFields } from './receipt.ts'
import { keptReceipt, requireReceipt } from './receipt.ts'

export interface SubmitRequest {
  readonly file: string
  readonly platformUrl: string
  /** The lock that authorises. */
  readonly token: string
  readonly trust: Trust
}

export interface Submitted {
  readonly receipt: ReceiptFields
  readonly document: SignedDocument
  readonly shortCode: string
  /** It had been delivered before; nothing was sent. */
  readonly already: boolean
}

/** How often a part that arrived damaged is sent again. */
const damagedTries = 3

/**
 * Delivers a sealed bid: the file is verified as it lies on the disk, what is needed to go on later is written down before
 * the first byte is sent, and only a receipt that passes every check makes it delivered. Run again it goes on where the
 * platform's offsets stand. Throws `platform.*`, `tender.addendum-newer`, `seal.*`, `token.*`, `cancelled`.
 */
export async function submitBid(
  ports: Ports,
  locks: Locks,
  request: SubmitRequest,
  control: JobControl,
): Promise<Submitted> {
  // Law before format: what isn't sealed is refused as such, before any question of damage.
  if (!(await isSealedBid(request.file))) {
    await (await ports.files.open(request.file)).close()
    throw new AppFailure('platform.unsealed', 'the file is not a sealed bid')
  }
  const platform = ports.platformAt(request.platformUrl, control.signal)
  return withSealedBid(ports, request.file, bid => {
    if (bid.kind === 'header') throw new CryptoFailure('seal.container', 'this is the header alone; the bid is needed')
    return oneAtATime(ports, bid.header.sealId, () => submitOne(ports, platform, locks, bid, request, control))
  })
}

/** The package the bid was sealed for: from this home, or from the platform if its signer is trusted. */
export async function tenderOf(
  ports: Ports,
  platform: Platform,
  bid: SealedBid,
  trust: Trust,
  options: { readonly sealedFor?: string } = {},
): Promise<Tender> {
  const { packageDigest } = bid.header.tender
  const known = await importedTender(ports, packageDigest)
  if (known !== null && !trust.named) return known
  const trusted = await trustTender(ports, await platform.tenderPackage(packageDigest), trust, options)
  if (trusted.tender.packageDigest !== packageDigest) {
    throw new AppFailure('seal.foreign-tender', 'the platform answered another tender package')
  }
  await importTender(ports, trusted)
  return trusted.tender
}

async function submitOne(
  ports: Ports,
  platform: Platform,
  locks: Locks,
  bid: SealedBid,
  request: SubmitRequest,
  control: JobControl,
): Promise<Submitted> {
  const tender = await tenderOf(ports, platform, bid, request.trust)
  const before = await deliveryOf(ports, bid)
  const known = await deliveredBefore(ports, bid, tender, before)
  if (known !== null) return known
  const begin = async (): Promise<Submission> => {
    const signer = await bidderSigner(locks, request.token, bid)
    const authorisation = await authorise(ports, platform, bid, signer, 'submit', bidReference(bid))
    return platform.beginSubmission({ headerArchive: headerArchive(bid), authorisation })
  }
  // What was on its way may have arrived, the receipt lost: the platform is asked before anything else is judged.
  const asked = before !== null && before.state !== 'sealed' ? await unlessSuperseded(ports, before, begin) : null
  const at = asked?.state === 'received' ? requireReceipt(asked.receipt, bid, tender, 'received').receivedAt : null
  const judgedAt = at === null ? ports.clock.now() : new Date(at)
  const revocation = await evidenceForBid(ports, bid, judgedAt)
  const judged = { anchors: tender.anchors, tender, at: judgedAt, revocation, pipeline: ports.pipeline }
  await verifySealedBid(bid, { ...control, ...judged })
  if (at === null) await unlessSuperseded(ports, before, () => requireNoAddendum(platform, tender))
  // The lock is asked before the home says that the bid is on its way.
  if (asked === null) await bidderSigner(locks, request.token, bid)
  const started = await checkpoint(ports, bid, request)
  const submission = asked ?? (await begin())
  const delivery = { ...started, submissionId: submission.submissionId }
  const document = await finish(ports, platform, bid, submission, delivery, control)
  const receipt = requireReceipt(document, bid, tender, 'received')
  await keepReceipt(ports, delivery, document, receipt)
  return { receipt, document, shortCode: bid.shortCode, already: false }
}

/** What this home knows of exactly this bid. */
async function deliveryOf(ports: Ports, bid: SealedBid): Promise<Delivery | null> {
  const delivery = await ports.deliveries.get(bid.header.sealId)
  return delivery?.sealDigest === bid.sealDigest ? delivery : null
}

/**
 * A newer package is in force: a bid that the platform has not received will never be. It counts as never sent again, so
 * that the bid for the newer package can be sealed.
 */
async function unlessSuperseded<T>(ports: Ports, before: Delivery | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const superseded = error instanceof AppFailure && error.code === 'tender.addendum-newer'
    if (superseded && before?.state === 'submitting') await ports.deliveries.save({ ...before, state: 'sealed' })
    throw error
  }
}

async function deliveredBefore(
  ports: Ports,
  bid: SealedBid,
  tender: Tender,
  delivery: Delivery | null,
): Promise<Submitted | null> {
  if (delivery === null || delivery.state === 'sealed') return null
  if (delivery.state === 'withdrawn' || delivery.state === 'replaced') {
    throw new AppFailure('platform.seal-known', `this sealed bid has been ${delivery.state}`)
  }
  const kept = await keptReceipt(ports, bid, tender)
  if (kept === null) return null
  const { document, fields: receipt } = kept
  // A run that was killed may have got no further than the receipt.
  if (delivery.state === 'submitting') await noteReceived(ports, delivery, receipt)
  await noteReplaced(ports, receipt)
  return { receipt, document, shortCode: bid.shortCode, already: true }
}

/** Written before the first byte: after a crash the home knows what was on its way, and where to. */
async function checkpoint(ports: Ports, bid: SealedBid, request: SubmitRequest): Promise<Delivery> {
  const { sealId, tender, bidder } = bid.header
  const before = await deliveryOf(ports, bid)
  const known: Delivery = {
    ...(before ?? {}),
    sealId,
    sealDigest: bid.sealDigest,
    shortCode: bid.shortCode,
    packageDigest: tender.packageDigest,
    tenderId: tender.tenderId,
    lotId: tender.lotId,
    creditCode: bidder.creditCode,
    openingTime: tender.openingTime,
    state: before?.state ?? 'sealed',
    platform: request.platformUrl,
  }
  const delivery = reached(known, 'submitting')
  await ports.deliveries.keepFile(sealId, 'bid.header', headerArchive(bid))
  await ports.deliveries.save(delivery)
  await ports.journal.append('submission-begun', { sealId, sealDigest: bid.sealDigest, platform: tender.platform })
  return delivery
}

/** Sends what is missing and asks for the receipt; a part that arrived damaged is sent once more. */
async function finish(
  ports: Ports,
  platform: Platform,
  bid: SealedBid,
  submission: Submission,
  delivery: Delivery,
  control: JobControl,
): Promise<SignedDocument> {
  await ports.deliveries.save(delivery)
  if (submission.state === 'received') return submission.receipt
  for (let tries = 1; ; tries += 1) {
    await sendParts(ports, bid, submission, control)
    try {
      return await platform.completeSubmission(submission.submissionId)
    } catch (error) {
      const damaged = error instanceof AppFailure && error.code === 'seal.root'
      if (!damaged || tries >= damagedTries) throw error
    }
  }
}

async function sendParts(ports: Ports, bid: SealedBid, { parts }: Submission, control: JobControl): Promise<void> {
  const total = parts.reduce((sum, { size }) => sum + size, 0)
  let before = 0
  for (const { name, size, uploadUrl } of parts) {
    const source = bid.partSource(name)
    if (source.size !== size) throw new AppFailure('platform.refused', 'the platform asks for a part of another size')
    const start = before
    await uploadPart({
      url: uploadUrl,
      source,
      http: ports.http,
      signal: control.signal,
      onProgress: ({ done }) => control.onProgress?.({ stage: 'upload', done: start + done, total }),
    })
    before += size
  }
}

async function keepReceipt(
  ports: Ports,
  delivery: Delivery,
  document: SignedDocument,
  receipt: ReceiptFields,
): Promise<void> {
  await ports.deliveries.keepDocument(delivery.sealId, 'receipt', document)
  await noteReceived(ports, delivery, receipt)
  await noteReplaced(ports, receipt)
}

async function noteReceived(ports: Ports, delivery: Delivery, { receivedAt }: ReceiptFields): Promise<void> {
  const { sealId, sealDigest } = delivery
  await ports.journal.append('received', { sealId, sealDigest, receivedAt })
  await ports.deliveries.save(reached(delivery, 'received'))
}

/** The bid a receipt says was replaced: done again on every run, because a kill may come before it. */
async function noteReplaced(ports: Ports, { replaces, sealDigest }: ReceiptFields): Promise<void> {
  if (replaces === undefined) return
  const replaced = (await ports.deliveries.list()).find(each => each.sealDigest === replaces)
  if (replaced === undefined || reached(replaced, 'replaced') === replaced) return
  await ports.journal.append('replaced', { sealId: replaced.sealId, sealDigest: replaces, by: sealDigest })
  await ports.deliveries.save(reached(replaced, 'replaced'))
}
