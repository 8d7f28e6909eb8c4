import { randomUUID } from 'node:crypto'
import {
  archiveLength,
  bytesSource,
  CryptoFailure,
  readSealedBid,
  verifyBidderDocument,
  verifySealedBid,
} from '../../../crypto/index.ts'
import type { DocumentFields, SealedBid } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { SubmissionRequest } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import type { ShelvedTender } from '../state/tender-shelf.ts'
import { requireLooksSealed } from './looks-sealed.ts'
import { requirePlace } from './standing.ts'

/**
 * Takes in a header archive: checks 1 to 6, the authorisation, the deadline, the limits, the sealId, and whether the bidder
 * has a bid already. Answers the bid's record; a bid that is known is answered as it stands, so that a submission can go
 * on after anything. Nothing has been promised yet: that is the receipt's business.
 */
export async function beginSubmission(context: PracticeContext, request: SubmissionRequest): Promise<BidRecord> {
  requireLooksSealed(request.headerArchive)
  const bid = await readSealedBid(bytesSource(request.headerArchive))
  if (bid.kind !== 'header') throw new AppFailure('platform.refused', 'the header archive comes first, without parts')
  const shelved = tenderOf(context, bid)
  await requireAuthorised(context, bid, request, shelved)
  const known = context.bids.bySealDigest(bid.sealDigest)
  if (known === null) {
    await verifySealedBid(bid, {
      anchors: shelved.tender.anchors,
      tender: shelved.tender,
      at: context.clock.now(),
      skipParts: true,
    })
  }
  return context.lock.run(shelved.openingId, () => take(context, bid, request, shelved))
}

async function take(
  context: PracticeContext,
  bid: SealedBid,
  request: SubmissionRequest,
  shelved: ShelvedTender,
): Promise<BidRecord> {
  const known = context.bids.bySealDigest(bid.sealDigest)
  if (known !== null) return resumed(context, known, shelved)
  requireInTime(context, shelved)
  requireInForce(context, shelved)
  if (context.bids.bySealId(bid.header.sealId) !== null) {
    throw new AppFailure('platform.seal-known', 'another sealed bid has this sealId')
  }
  const record = newRecord(bid, request, shelved, context.clock.now())
  requirePlace(context.bids, record)
  if (record.size > shelved.tender.fields.limits.bidBytes) {
    throw new CryptoFailure('seal.too-large', 'the bid is larger than the tender allows')
  }
  await requireSpace(context, record)
  await context.bids.add(record, request.headerArchive)
  await context.uploads.prepare(record)
  context.log(`submission ${record.submissionId} begun`)
  return record
}

async function resumed(context: PracticeContext, known: BidRecord, shelved: ShelvedTender): Promise<BidRecord> {
  const state = context.bids.stateOf(known)
  if (state === 'withdrawn' || state === 'replaced') {
    throw new AppFailure('platform.seal-known', `this sealed bid has been ${state}`)
  }
  if (state === 'uploading') {
    // What was asked for in time is finished, whenever the client comes back.
    if (known.completeAskedAt === null) requireInTime(context, shelved)
    await context.uploads.prepare(known)
  }
  return known
}

function tenderOf(context: PracticeContext, bid: SealedBid): ShelvedTender {
  const { tender } = bid.header
  const shelved = context.tenders.byDigest(tender.packageDigest)
  if (shelved === null || tender.platform !== context.keys.platformId) {
    throw new CryptoFailure('seal.foreign-tender', 'sealed for a tender this platform does not run')
  }
  return shelved
}

async function requireAuthorised(
  context: PracticeContext,
  bid: SealedBid,
  request: SubmissionRequest,
  shelved: ShelvedTender,
): Promise<void> {
  const { header, sealDigest } = bid
  const fields = verifyBidderDocument('submit', request.authorisation, {
    anchors: shelved.tender.anchors,
    creditCode: header.bidder.creditCode,
    at: context.clock.now(),
  })
  const same: Partial<DocumentFields<'submit'>> = {
    platform: header.tender.platform,
    tenderId: header.tender.tenderId,
    lotId: header.tender.lotId,
    sealDigest,
    sealId: header.sealId,
    creditCode: header.bidder.creditCode,
  }
  requireSame(fields, same)
  await context.nonces.use(fields.nonce, request.authorisation.bytes)
}

/** Requires that a signed document speaks of this bid and no other. Throws `document.signature`. */
export function requireSame<T extends object>(fields: T, wanted: Partial<T>): void {
  for (const name of Object.keys(wanted) as (keyof T)[]) {
    if (fields[name] !== wanted[name]) {
      throw new CryptoFailure('document.signature', `the document's ${String(name)} is not this bid's`)
    }
  }
}

/** Throws `platform.late` from the deadline on, by the platform's clock. */
export function requireInTime(context: PracticeContext, shelved: ShelvedTender): void {
  // Looked up anew: an extension may have come since.
  const { deadline } = context.tenders.byDigest(shelved.tender.packageDigest) ?? shelved
  if (context.clock.now() >= deadline) throw new AppFailure('platform.late', 'the deadline has passed')
}

/** Throws `tender.addendum-newer` when the package a bid is sealed for has been superseded. */
export function requireInForce(context: PracticeContext, shelved: ShelvedTender): void {
  const inForce = context.tenders.inForce(shelved.openingId)
  if (inForce?.tender.packageDigest !== shelved.tender.packageDigest) {
    throw new AppFailure('tender.addendum-newer', 'a newer package of this tender is in force')
  }
}

async function requireSpace(context: PracticeContext, record: BidRecord): Promise<void> {
  const space = await context.uploads.space()
  if (space !== null && space < record.size) {
    throw new AppFailure('platform.storage', 'the platform has no space left for this bid')
  }
}

function newRecord(bid: SealedBid, request: SubmissionRequest, shelved: ShelvedTender, beganAt: Date): BidRecord {
  const { header } = bid
  const parts = header.parts.map(({ name, size, sealedSize, root }) => {
    const twin = header.remedy?.plainTwin?.find(each => each.name === name)
    return { name, size: sealedSize, root, twin: twin === undefined ? null : { size, root: twin.root } }
  })
  return {
    sealDigest: bid.sealDigest,
    sealId: header.sealId,
    submissionId: randomUUID(),
    packageDigest: header.tender.packageDigest,
    openingId: shelved.openingId,
    bidder: { name: header.bidder.name, creditCode: header.bidder.creditCode },
    replaces: header.replaces ?? null,
    parts,
    size: archiveLength(bid),
    beganAt,
    authorisation: request.authorisation,
    completeAskedAt: null,
    receipt: null,
    withdrawal: null,
  }
}
