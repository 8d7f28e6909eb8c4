import { CryptoFailure, readSealedBid, unwrapPartKeys, verifySealedBid } from '../../../crypto/index.ts'
import type { SignedDocument, VerifiedBid } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import type { ShelvedTender } from '../state/tender-shelf.ts'
import { requireInForce, requireInTime } from './begin.ts'
import { signReceipt } from './receipt.ts'
import { requirePlace } from './standing.ts'
import { openStored } from './stored.ts'

/**
 * Finishes a submission: durable parts, checks 1 to 7 on the stored bytes, in `split` the agency's trial of every B, then
 * the receipt, which is written before it is answered. Asked twice it works once and answers the same. A part whose
 * bytes are not the header's is dropped (`seal.root`), and the client sends it again.
 */
export function completeSubmission(context: PracticeContext, submissionId: string): Promise<SignedDocument> {
  const bid = context.bids.bySubmission(submissionId)
  if (bid === null) return Promise.reject(new AppFailure('platform.unknown', 'no such submission'))
  return finish(context, bid.sealDigest)
}

/** Takes up the checks a killed run has left; their outcome is whatever it would have been. */
export function resumeCompletions(context: PracticeContext): void {
  for (const bid of context.bids.all()) {
    if (isAsked(bid)) void tryFinish(context, bid)
  }
}

/**
 * Settles every submission of an opening that was asked for in time, before its list is made: what is under way is waited
 * for, and what failed on the platform's side is tried once more. What fails again will have no receipt.
 */
export async function settleCompletions(context: PracticeContext, openingId: string): Promise<void> {
  for (const { sealDigest } of context.bids.all().filter(bid => bid.openingId === openingId)) {
    await context.completions.get(sealDigest)?.catch(() => undefined)
    const bid = context.bids.bySealDigest(sealDigest)
    if (bid !== null && isAsked(bid)) await tryFinish(context, bid)
  }
}

function isAsked(bid: BidRecord): boolean {
  return bid.completeAskedAt !== null && bid.receipt === null
}

async function tryFinish(context: PracticeContext, bid: BidRecord): Promise<void> {
  try {
    await finish(context, bid.sealDigest)
  } catch (error) {
    context.log(`submission ${bid.submissionId} could not be completed: ${codeOf(error)}`)
  }
}

function finish(context: PracticeContext, sealDigest: string): Promise<SignedDocument> {
  // One run at a time, whoever asks: the second caller gets the first one's outcome.
  const running = context.completions.get(sealDigest)
  if (running !== undefined) return running as Promise<SignedDocument>
  const run = context.lock
    .run(sealDigest, () => check(context, sealDigest))
    .finally(() => {
      context.completions.delete(sealDigest)
    })
  context.completions.set(sealDigest, run)
  return run
}

async function check(context: PracticeContext, sealDigest: string): Promise<SignedDocument> {
  const bid = context.bids.bySealDigest(sealDigest)
  const shelved = bid === null ? null : context.tenders.byDigest(bid.packageDigest)
  if (bid === null || shelved === null) throw new AppFailure('platform.unknown', 'no such submission')
  if (bid.receipt !== null) return bid.receipt
  const asked = await askInTime(context, bid, shelved)
  try {
    await context.uploads.exclusively(asked, () => checkStored(context, asked, shelved))
    return await context.lock.run(asked.openingId, () => giveReceipt(context, asked))
  } catch (error) {
    // A refusal is final for these bytes; what failed on the platform's side is tried again as it stands.
    if (isRefusal(error)) await context.bids.save({ ...asked, completeAskedAt: null })
    throw error
  }
}

/** The moment the client says "everything is there" counts; it is durable before the checks begin. */
async function askInTime(context: PracticeContext, bid: BidRecord, shelved: ShelvedTender): Promise<BidRecord> {
  if (bid.completeAskedAt !== null) return bid
  for (const part of bid.parts) {
    if ((await context.uploads.offsetOf(bid, part)) !== part.size) {
      throw new AppFailure('platform.refused', 'a part has not been uploaded whole')
    }
  }
  requireInTime(context, shelved)
  requireInForce(context, shelved)
  const asked = { ...bid, completeAskedAt: context.clock.now() }
  // In this order, so that what was asked for in time is also there in whole after a power cut.
  await context.uploads.flush(bid)
  await context.bids.save(asked)
  return asked
}

async function checkStored(context: PracticeContext, bid: BidRecord, shelved: ShelvedTender): Promise<void> {
  const archive = await openStored(context, bid)
  try {
    const sealed = await readSealedBid(archive)
    const verified = await verifySealedBid(sealed, {
      anchors: shelved.tender.anchors,
      tender: shelved.tender,
      at: bid.completeAskedAt ?? context.clock.now(),
    })
    if (sealed.header.keyPolicy === 'split') await tryShares(context, verified)
  } catch (error) {
    // All parts go: the opening part is small, and which one differs is no secret worth a second reading.
    if (codeOf(error) === 'seal.root') for (const part of bid.parts) await context.uploads.reset(bid, part)
    throw error
  } finally {
    await archive.close()
  }
}

/** seal-format, "Part stream": the agency opens and checks every B before the receipt. */
async function tryShares(context: PracticeContext, verified: VerifiedBid): Promise<void> {
  const held = await unwrapPartKeys(verified, context.keys.agencyKey)
  for (const key of held.keys.values()) key.fill(0)
  if (held.holds !== 'shareB') throw new CryptoFailure('seal.key-mismatch', 'the agency does not hold B')
}

async function giveReceipt(context: PracticeContext, bid: BidRecord): Promise<SignedDocument> {
  // The opening's list is made: a receipt for a bid that isn't on it would promise what can no longer be kept.
  if (context.openings.opening(bid.openingId) !== null) {
    throw new AppFailure('platform.late', 'the opening has begun without this bid')
  }
  requirePlace(context.bids, bid)
  const receipt = await signReceipt(context, bid, 'received', bid.completeAskedAt ?? context.clock.now())
  await context.bids.save({ ...bid, receipt })
  context.log(`submission ${bid.submissionId} received`)
  return receipt
}

/** Whether a failure is about what was sent, and not about this platform's disk or keys. */
function isRefusal(error: unknown): boolean {
  return /^(seal|document|cert|platform)\./.test(codeOf(error)) && codeOf(error) !== 'platform.storage'
}

function codeOf(error: unknown): string {
  return error instanceof AppFailure || error instanceof CryptoFailure ? error.code : 'internal'
}
