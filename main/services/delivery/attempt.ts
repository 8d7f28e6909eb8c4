import { headerArchive, verifySealedBid } from '../../../crypto/index.ts'
import type { SealedBid, SignedDocument, Signer, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform, Submission } from '../../platform/index.ts'
import type { Delivery } from '../../store/index.ts'
import { signJournal } from '../evidence/sign-journal.ts'
import type { Ports } from '../ports.ts'
import { evidenceForBid } from '../revocation/bid-evidence.ts'
import { toFailure } from '../failure.ts'
import { effectiveDates, fetchNotices } from '../tenders/notices.ts'
import { openServerClock } from '../time/server-clock.ts'
import { stampAct } from '../time/stamp-act.ts'
import type { Locks } from '../tokens/locks.ts'
import { requireNoAddendum } from './addendum.ts'
import { authorise, bidderSigner, bidReference } from './authorise.ts'
import { deliveredBefore, keepReceipt } from './note-receipt.ts'
import { reached } from './progress.ts'
import { requireReceipt } from './receipt.ts'
import { sendParts } from './send-parts.ts'
import type { SubmissionTracker } from './submission-status.ts'
import type { SubmissionMemory, SubmitControl, Submitted, SubmitRequest } from './submit.ts'
import { tenderOf } from './tender-of.ts'

/** What one attempt works with. */
export interface Attempt {
  readonly ports: Ports
  readonly platform: Platform
  readonly locks: Locks
  /** Whole; the file stays open. */
  readonly bid: SealedBid
  readonly request: SubmitRequest
  readonly control: SubmitControl
  readonly memory: SubmissionMemory
  readonly tracker: SubmissionTracker
  /** Of whoever stops or pauses it. */
  readonly signal: AbortSignal
}

/** One attempt to deliver a bid, alone with it in this home. Throws as `submitBid` does. */
export async function attemptSubmission(attempt: Attempt): Promise<Submitted> {
  const { ports, platform, locks, bid, request, tracker } = attempt
  const tender = await tenderOf(ports, platform, bid, request.trust)
  const before = await deliveryOf(ports, bid)
  const known = await deliveredBefore(ports, bid, tender, before)
  if (known !== null) {
    tracker.happened('receipt')
    return submitted(bid, known.document, known.fields, true)
  }
  await followTime(attempt, tender)
  // What was on its way may have arrived, the receipt lost: the platform is asked before anything else is judged.
  const asked =
    before !== null && before.state !== 'sealed'
      ? await unlessSuperseded(attempt, tender, before, () => begin(attempt))
      : null
  if (before !== null && asked?.submission.state === 'received') {
    return receivedAlready(attempt, tender, before, asked, asked.submission.receipt)
  }
  const ensureWhole = fileCheckOf(attempt, tender, null)
  await ensureWhole()
  await readNotices(attempt, tender)
  await unlessSuperseded(attempt, tender, before, () => requireNoAddendum(ports, platform, tender))
  // The lock is asked before the home says that the bid is on its way.
  if (asked === null) await bidderSigner(locks, request.token, bid)
  const started = await checkpoint(ports, bid, request)
  const { submission, signer, stamped } =
    asked ?? (await unlessSuperseded(attempt, tender, started, () => begin(attempt)))
  const delivery = { ...started, submissionId: submission.submissionId }
  await ports.deliveries.save(delivery)
  const document = await receiptOf(attempt, submission, ensureWhole)
  const fields = requireReceipt(document, bid, tender, 'received')
  await keepReceipt(ports, delivery, { document, fields })
  tracker.happened('receipt')
  await settle(attempt, signer, stamped)
  return submitted(bid, document, fields, false)
}

/** The platform has it: its receipt is kept first, and what has become of the file here since is no more than a remark. */
async function receivedAlready(
  attempt: Attempt,
  tender: Tender,
  before: Delivery,
  { submission, signer, stamped }: Begun,
  document: SignedDocument,
): Promise<Submitted> {
  const { ports, bid, request, tracker, signal } = attempt
  const fields = requireReceipt(document, bid, tender, 'received')
  const delivery = { ...before, platform: request.platformUrl, submissionId: submission.submissionId }
  await ports.deliveries.keepFile(delivery.sealId, 'bid.header', headerArchive(bid))
  await keepReceipt(ports, delivery, { document, fields })
  const fileFailure = await fileCheckOf(attempt, tender, fields.receivedAt)().then(
    () => null,
    (error: unknown) => (signal.aborted ? null : toFailure(error)),
  )
  tracker.happened('receipt')
  await settle(attempt, signer, stamped)
  const found = submitted(bid, document, fields, false)
  return fileFailure === null ? found : { ...found, fileFailure }
}

async function settle({ ports, bid }: Attempt, signer: Signer, stamped: Promise<void>): Promise<void> {
  const { sealDigest, suite, header } = bid
  await signJournal(ports, { signer, suite, sealId: header.sealId, sealDigest, moment: 'received' })
  await stamped
}

function submitted(
  bid: SealedBid,
  document: SignedDocument,
  receipt: Submitted['receipt'],
  already: boolean,
): Submitted {
  return { receipt, document, shortCode: bid.shortCode, already }
}

/** What this home knows of exactly this bid. */
async function deliveryOf(ports: Ports, bid: SealedBid): Promise<Delivery | null> {
  const delivery = await ports.deliveries.get(bid.header.sealId)
  return delivery?.sealDigest === bid.sealDigest ? delivery : null
}

interface Begun {
  readonly submission: Submission
  readonly signer: Signer
  /** Settles when a time-stamp server, where one is set, has answered: the upload doesn't wait for it. */
  readonly stamped: Promise<void>
}

async function begin({ ports, platform, locks, bid, request, tracker, signal }: Attempt): Promise<Begun> {
  tracker.happened('ask')
  const signer = await bidderSigner(locks, request.token, bid)
  const authorisation = await authorise(ports, platform, bid, signer, 'submit', bidReference(bid))
  const submission = await platform.beginSubmission({ headerArchive: headerArchive(bid), authorisation })
  const stamped = stampAct(ports, bid.header.sealId, 'submit', authorisation, signal)
  return { submission, signer, stamped }
}

/** The file as it must be: verified before anything goes out, and again whenever it is not the one it was. */
function fileCheckOf(attempt: Attempt, tender: Tender, at: string | null): () => Promise<void> {
  const { ports, bid, request, control, memory, tracker, signal } = attempt
  const file = { path: request.file, source: bid.source, sealDigest: bid.sealDigest }
  const judgedAt = at === null ? ports.clock.now() : new Date(at)
  return async () => {
    await memory.checks.ensure(file, async () => {
      tracker.happened('verify')
      const revocation = await evidenceForBid(ports, bid, judgedAt)
      const judged = { anchors: tender.anchors, tender, at: judgedAt, revocation, pipeline: ports.pipeline }
      await verifySealedBid(bid, { ...control, signal, ...judged })
    })
  }
}

/** From here on the platform's time and the deadline in force are known, as far as they can be without waiting. */
async function followTime({ ports, platform, memory, tracker }: Attempt, tender: Tender): Promise<void> {
  const clock = memory.clocks.get(tender.packageDigest) ?? openServerClock(ports, platform, tender)
  memory.clocks.set(tender.packageDigest, clock)
  tracker.follow(clock, (await effectiveDates(ports, tender)).deadline)
}

/** A platform that tells no news stops nobody: the deadline is its own business, and what this home knows stays known. */
async function readNotices({ ports, platform, memory, tracker, signal }: Attempt, tender: Tender): Promise<void> {
  await fetchNotices(ports, platform, tender).catch((error: unknown) => {
    if (signal.aborted) throw error
  })
  const clock = memory.clocks.get(tender.packageDigest)
  if (clock !== undefined) tracker.follow(clock, (await effectiveDates(ports, tender)).deadline)
}

/**
 * A newer package is in force: a bid that the platform has not received will never be. It counts as never sent again, so
 * that the bid for the newer package can be sealed.
 */
async function unlessSuperseded<T>(
  { ports, platform }: Attempt,
  tender: Tender,
  before: Delivery | null,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppFailure) || error.code !== 'tender.addendum-newer') throw error
    if (before?.state === 'submitting') await ports.deliveries.save({ ...before, state: 'sealed' })
    throw error.failure.addendum === undefined ? await withChanges(error, ports, platform, tender) : error
  }
}

/** A platform that refuses says that there is a newer package, not what it changes. */
async function withChanges(error: AppFailure, ports: Ports, platform: Platform, tender: Tender): Promise<AppFailure> {
  const found = await requireNoAddendum(ports, platform, tender).catch((newer: unknown) => newer)
  const addendum = found instanceof AppFailure ? found.failure.addendum : undefined
  if (addendum === undefined) return error
  const { detail = '', platformSays } = error.failure
  const says = platformSays === undefined ? {} : { platformSays }
  return new AppFailure('tender.addendum-newer', detail, { cause: error, addendum, ...says })
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

/** The receipt of a submission that has begun, whatever is still to be sent for it. */
async function receiptOf(
  { platform, bid, control, tracker, signal }: Attempt,
  submission: Submission,
  ensureWhole: () => Promise<void>,
): Promise<SignedDocument> {
  if (submission.state === 'received') return submission.receipt
  tracker.happened('send')
  return sendParts(platform, bid, submission, {
    signal,
    confirmed(done, total) {
      tracker.confirmed(done, total)
      control.onProgress?.({ stage: 'upload', done, total })
    },
    async complete() {
      await ensureWhole()
      tracker.happened('complete')
    },
    async again() {
      await ensureWhole()
      tracker.happened('send')
    },
  })
}
