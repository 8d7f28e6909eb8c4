import { checkChallenge, headerArchive } from '../../../crypto/index.ts'
import type { DocumentFields, JobControl, SealedBid, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { authorise, bidReference } from '../delivery/authorise.ts'
import { keptReceipt, requireReceipt } from '../delivery/receipt.ts'
import type { ReceiptFields } from '../delivery/receipt.ts'
import { recordedWork } from '../evidence/recorded-platform.ts'
import type { Ports } from '../ports.ts'
import type { Locks } from '../tokens/locks.ts'
import { requireOpeningLock } from '../tokens/needed-lock.ts'
import { note } from './attendance.ts'
import type { Attendance } from './attendance.ts'
import { adopt, judgeAtReceipt, requireStanding } from './attended-bid.ts'
import type { JudgedBid } from './attended-bid.ts'
import { keptRelease } from './kept-release.ts'
import { requireInWindow } from './keys.ts'
import type { OpeningKeys } from './keys.ts'
import type { OpeningNews } from './news.ts'
import { proveRelease } from './prove-release.ts'
import { keepingRefused } from './refused-document.ts'
import { releaseKeys, settledRelease } from './release.ts'
import { checkStored } from './stored-bid.ts'
import { readyTwin } from './twin.ts'

/** What has been asked for, as far as the release goes. */
export interface AnswerRequest {
  readonly platformUrl: string
  readonly token: string
  readonly keys: OpeningKeys
  readonly onSignedIn: () => void
  readonly onNews?: ((news: OpeningNews) => void) | undefined
}

/** A bid whose keys or twin the platform has. */
export interface ReleasedBid {
  /** Null for a twin. */
  readonly releaseReceipt: DocumentFields<'releaseReceipt'> | null
  readonly challenge: DocumentFields<'challenge'>
}

/**
 * Answers the platform's challenge: what is stored and the challenge are checked, then the lock signs in, opens and releases
 * (or the twin is handed over), up to the releaseReceipt. Call it under the bid's lock: whatever this home knows of the bid
 * is read here. Throws `opening.*`, `platform.*`, `bid.not-delivered`, `token.*`, `seal.key-mismatch`.
 */
export async function answerChallenge(
  attendance: Attendance,
  locks: Locks,
  request: AnswerRequest,
  control: JobControl,
): Promise<ReleasedBid> {
  const { ports, platform, openingId, clock, terms } = attendance
  const { bid, tender, ours } = attendance.attended
  const { keys } = request
  await requireStanding(ports, bid)
  if (!ours) await adopt(ports, bid, request.platformUrl)
  if (keys.kind === 'lock') await requireLockAtHand(ports, locks, bid, request.token)
  const challenge = await challengeOf(attendance, request)
  const receipt = await receiptOf(attendance)
  const stored = await checkStored(ports, platform, bid, receipt)
  request.onNews?.(stored)
  const attended = await judgeAtReceipt(attendance.attended, new Date(receipt.fields.receivedAt))
  const { sealId } = bid.header
  const fields = await recordedWork(ports, { sealId, sealDigest: bid.sealDigest }, 'check-challenge', () =>
    keepingRefused(ports, sealId, 'challenge', challenge, () => {
      const { verified } = attended
      const checked = checkChallenge({ verified, tender, challenge, receipt: receipt.document }).fields
      if (checked.openingId !== openingId) throw new AppFailure('opening.challenge', 'it is of another opening')
      if (new Date(checked.openedAt) < terms.openingTime) {
        throw new AppFailure('opening.early', 'the challenge was made before the time a signed notice has set')
      }
      return checked
    }),
  )
  const [openedAt, closesAt] = [new Date(fields.openedAt), new Date(fields.closesAt)]
  clock.learn(openedAt)
  request.onNews?.({ kind: 'challenged', openedAt, closesAt })
  if (keys.kind === 'plain-twin') {
    const releaseReceipt = await handTwin(attendance, attended, keys, closesAt, request, control)
    await note(ports, sealId, 'released')
    return { releaseReceipt, challenge: fields }
  }
  requireInWindow(keys, closesAt, clock.now())
  const known = await signIn(attendance, request)
  const { token } = request
  const asked = { attended, challenge, receipt: receipt.document, openingId, token, keys, signer: attendance.signer }
  const send = { isOver: windowEnd(attendance, openedAt, closesAt), signal: control.signal, onNews: request.onNews }
  const taking: Pick<typeof platform, 'release'> = {
    release: (id, release) => signedInAgain(attendance, request, known, () => platform.release(id, release)),
  }
  const released = await releaseKeys(ports, taking, locks, asked, send)
  await note(ports, sealId, 'released')
  const { serverTime } = released.fields
  clock.learn(new Date(serverTime))
  await proveRelease(attendance, { serverTime }, released.sent, control.signal)
  return { releaseReceipt: released.fields, challenge: fields }
}

/**
 * The remedy of a plain twin, inside the window: proved and agreed to first, then signed in, then sent. Keys that were
 * released already settle it, and nothing is handed over. Answers their receipt, null for the twin.
 */
async function handTwin(
  attendance: Attendance,
  attended: JudgedBid,
  keys: Extract<OpeningKeys, { kind: 'plain-twin' }>,
  closesAt: Date,
  request: AnswerRequest,
  control: JobControl,
): Promise<DocumentFields<'releaseReceipt'> | null> {
  const { ports, platform, openingId, clock } = attendance
  const { sealId } = attended.bid.header
  const settled = await settledRelease(ports, { attended, openingId })
  if (settled !== null) {
    const { serverTime } = settled.fields
    await proveRelease(attendance, { serverTime }, settled.sent, control.signal)
    return settled.fields
  }
  const sent = await ports.deliveries.file(sealId, 'twin-sent')
  if (sent === null || new TextDecoder().decode(sent) !== openingId) {
    const twin = await readyTwin(ports, attended.bid, request.platformUrl, keys, control)
    try {
      requireInWindow(keys, closesAt, clock.now())
      const known = await signIn(attendance, request)
      await signedInAgain(attendance, request, known, () => twin.send(platform, openingId))
    } finally {
      await twin.close()
    }
    await ports.deliveries.keepFile(sealId, 'twin-sent', new TextEncoder().encode(openingId))
  }
  await proveRelease(attendance, { by: 'plain-twin' }, null, control.signal)
  return null
}

/** Whether the window has ended by the platform's clock, or, while that is unknown, by how long we have been at it. */
function windowEnd({ ports, clock }: Attendance, openedAt: Date, closesAt: Date): () => boolean {
  const monotonic = ports.monotonic ?? (() => performance.now())
  const started = monotonic()
  const length = closesAt.getTime() - openedAt.getTime()
  return () => {
    const now = clock.now()
    return now === null ? monotonic() - started > length : now >= closesAt
  }
}

/** The wrong lock is told before anything is signed with it. Where a release is kept already, none may be needed. */
async function requireLockAtHand(ports: Ports, locks: Locks, bid: SealedBid, token: string): Promise<void> {
  const { header, sealDigest } = bid
  const { sealId } = header
  // One that the platform has refused is as good as none.
  if ((await keptRelease(ports.deliveries, sealId)) !== null) return
  if ((await ports.deliveries.document(sealId, 'release-receipt')) !== null) return
  await recordedWork(ports, { sealId, sealDigest }, 'lock', () => requireOpeningLock(locks, token, bid))
}

/**
 * The challenge is wanted before the PIN is; some platforms give it only after the sign-in, which then comes first. The
 * lock signs the sign-in in that case, but opens no envelope before the challenge has been checked.
 */
async function challengeOf(attendance: Attendance, request: AnswerRequest): Promise<SignedDocument> {
  const { platform, openingId, attended } = attendance
  const ask = (): Promise<SignedDocument> => platform.challenge(openingId, attended.bid.sealDigest)
  try {
    return await ask()
  } catch (error) {
    if (!isPlainRefusal(error)) throw error
  }
  const known = await signIn(attendance, request)
  return signedInAgain(attendance, request, known, ask)
}

/** A sign-in of this run, or one that only this home's mark tells of. */
type SignedIn = 'now' | 'before'

/**
 * Does what only who has signed in may do. A platform that refuses it although this home's mark says that we have may have
 * lost the sign-in: the mark goes, the bidder signs in anew, and it is tried once more.
 */
async function signedInAgain<T>(
  attendance: Attendance,
  request: AnswerRequest,
  known: SignedIn,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (known === 'now' || !isPlainRefusal(error)) throw error
    const { ports, attended } = attendance
    await ports.deliveries.keepFile(attended.bid.header.sealId, 'signed-in', new Uint8Array())
    try {
      await signIn(attendance, request)
    } catch (again) {
      throw isPlainRefusal(again) ? error : again
    }
    return act()
  }
}

function isPlainRefusal(error: unknown): boolean {
  return error instanceof AppFailure && error.code === 'platform.refused'
}

async function signIn(attendance: Attendance, request: AnswerRequest): Promise<SignedIn> {
  const { ports, platform, attended, openingId } = attendance
  const { sealId } = attended.bid.header
  const done = await ports.deliveries.file(sealId, 'signed-in')
  if (done !== null && new TextDecoder().decode(done) === openingId) return 'before'
  const signer = await attendance.signer.get()
  const fields = { openingId, sealDigest: attended.bid.sealDigest }
  await platform.signIn(openingId, await authorise(ports, platform, attended.bid, signer, 'signIn', fields))
  await ports.deliveries.keepFile(sealId, 'signed-in', new TextEncoder().encode(openingId))
  await ports.journal.append('signed-in', { sealId, sealDigest: attended.bid.sealDigest, openingId })
  request.onSignedIn()
  return 'now'
}

/** The receipt of this home; on another computer the platform hands it out again to whoever may submit the bid. */
async function receiptOf({ ports, platform, attended, signer, clock }: Attendance): Promise<{
  readonly document: SignedDocument
  readonly fields: ReceiptFields
}> {
  const { bid, tender } = attended
  const kept = await keptReceipt(ports, bid, tender)
  if (kept !== null) return kept
  const authorisation = await authorise(ports, platform, bid, await signer.get(), 'submit', bidReference(bid))
  const submission = await platform.beginSubmission({ headerArchive: headerArchive(bid), authorisation })
  if (submission.state !== 'received') throw new AppFailure('bid.not-delivered', 'the platform holds no such bid')
  const fields = requireReceipt(submission.receipt, bid, tender, 'received')
  clock.learn(new Date(fields.receivedAt))
  await ports.deliveries.keepDocument(bid.header.sealId, 'receipt', submission.receipt)
  return { document: submission.receipt, fields }
}
