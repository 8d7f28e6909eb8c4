import { checkChallenge, headerArchive, sha256Hex } from '../../../crypto/index.ts'
import type { DocumentFields, JobControl, SealedBid, Signer, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import { authorise, bidderSigner, bidReference } from '../delivery/authorise.ts'
import { oneAtATime } from '../delivery/one-at-a-time.ts'
import { reached } from '../delivery/progress.ts'
import { keptReceipt, requireReceipt } from '../delivery/receipt.ts'
import type { Ports } from '../ports.ts'
import type { Locks } from '../tokens/locks.ts'
import { requireOpeningLock } from '../tokens/needed-lock.ts'
import type { Trust } from '../trust.ts'
import type { AttendedBid } from './attended-bid.ts'
import { adopt, attendedBid, judgeAtReceipt, requireStanding } from './attended-bid.ts'
import type { RecordFields } from './record.ts'
import { followRecord, requireRecord } from './record.ts'
import { releaseKeys } from './release.ts'

/** What only the person in front of the screen can say. Answering no ends with `opening.not-confirmed`. */
export interface OpeningQuestions {
  /** On another computer: is this the bid, by the short code on the seal slip? */
  isThisTheBid(shortCode: string): Promise<boolean>
  /** Our clock says that the opening has not begun, the platform says it has. */
  hasItBegun(times: { readonly own: Date; readonly platform: Date; readonly openingTime: Date }): Promise<boolean>
}

export interface OpeningRequest {
  /** A sealId, a sealed file or a header file. */
  readonly bid: string
  readonly platformUrl: string
  readonly token: string
  readonly trust: Trust
  /** Whether to wait for the record after the release. */
  readonly follow: boolean
  /** Whether to sign the confirmation of a record in which our bid was opened. */
  readonly confirm: boolean
  readonly questions: OpeningQuestions
  /** Told what has been reached, in order. */
  readonly onStep?: (step: 'signed-in' | 'released' | 'recorded' | 'confirmed') => void
}

export interface OpeningOutcome {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  readonly openingId: string
  readonly releaseReceipt: DocumentFields<'releaseReceipt'>
  /** Null when the command did not wait for it. */
  readonly record: {
    readonly fields: RecordFields
    readonly document: SignedDocument
    readonly own: RecordFields['bids'][number]
  } | null
  readonly confirmed: boolean
}

/**
 * Attends an opening: sign in, have the challenge checked, release the keys, follow to the record, check it, confirm it.
 * Run again it goes on where it stopped and releases nothing twice. Throws `opening.*`, `platform.*`, `bid.*`, `token.*`.
 */
export async function attendOpening(
  ports: Ports,
  locks: Locks,
  request: OpeningRequest,
  control: JobControl,
): Promise<OpeningOutcome> {
  const platform = ports.platformAt(request.platformUrl, control.signal)
  const attended = await attendedBid(ports, platform, request.bid, request.trust)
  const { bid, tender } = attended
  const openingId = await openingOf(platform, tender.packageDigest)
  await requireBegun(ports, platform, openingId, attended, request.questions)
  if (!attended.ours && !(await request.questions.isThisTheBid(bid.shortCode))) {
    throw new AppFailure('opening.not-confirmed', 'the short code was not confirmed')
  }
  const signer = lazySigner(locks, request.token, attended)
  const attendance: Attendance = { ports, platform, attended, openingId, signer, request }
  const { sealId } = bid.header
  const { releaseReceipt, challenge } = await oneAtATime(ports, sealId, () =>
    release(attendance, locks, control.signal),
  )
  request.onStep?.('released')
  const names = { sealId, sealDigest: bid.sealDigest, shortCode: bid.shortCode, openingId }
  if (!request.follow) return { ...names, releaseReceipt, record: null, confirmed: false }
  // Nobody is kept waiting while the opening goes on.
  const document = await followRecord(platform, openingId, control.signal)
  const { fields, own } = await requireRecord(platform, document, attended, challenge)
  // Nobody agrees in the bidder's name to a record in which the bid was not opened.
  const confirmed = request.confirm && own.state === 'opened'
  await oneAtATime(ports, sealId, async () => {
    await keepRecord(attendance, document, own.state)
    if (confirmed) await confirmRecord(attendance, document)
  })
  return { ...names, releaseReceipt, record: { fields, document, own }, confirmed }
}

/** Up to the releaseReceipt. Under the bid's lock: whatever this home knows of the bid is read here. */
async function release(
  attendance: Attendance,
  locks: Locks,
  signal: AbortSignal | undefined,
): Promise<{
  readonly releaseReceipt: DocumentFields<'releaseReceipt'>
  readonly challenge: DocumentFields<'challenge'>
}> {
  const { ports, platform, openingId, request } = attendance
  const { bid, tender, ours } = attendance.attended
  await requireStanding(ports, bid)
  if (!ours) await adopt(ports, bid, request.platformUrl)
  await requireLockAtHand(ports, locks, bid, request.token)
  const challenge = await challengeOf(attendance)
  const receipt = await receiptOf(attendance)
  const receivedAt = new Date(requireReceipt(receipt, bid, tender, 'received').receivedAt)
  const attended = await judgeAtReceipt(attendance.attended, receivedAt)
  const { fields } = checkChallenge({ verified: attended.verified, tender, challenge, receipt })
  if (fields.openingId !== openingId) throw new AppFailure('opening.challenge', 'it is of another opening')
  await signIn(attendance)
  const { token } = request
  const asked = { attended, challenge, receipt, openingId, token }
  const releaseReceipt = await releaseKeys(ports, platform, locks, asked, signal)
  await note(ports, bid.header.sealId, 'released')
  return { releaseReceipt, challenge: fields }
}

/** The wrong lock is told before anything is signed with it. Where a release is kept already, none may be needed. */
async function requireLockAtHand(ports: Ports, locks: Locks, bid: SealedBid, token: string): Promise<void> {
  if ((await ports.deliveries.document(bid.header.sealId, 'release')) === null)
    await requireOpeningLock(locks, token, bid)
}

async function keepRecord(
  { ports, attended, request }: Attendance,
  record: SignedDocument,
  state: string,
): Promise<void> {
  const { sealDigest, header } = attended.bid
  await ports.deliveries.keepDocument(header.sealId, 'record', record)
  await ports.journal.append('recorded', { sealId: header.sealId, sealDigest, state })
  await note(ports, header.sealId, 'closed')
  request.onStep?.('recorded')
}

interface Attendance {
  readonly ports: Ports
  readonly platform: Platform
  readonly attended: AttendedBid
  readonly openingId: string
  readonly signer: () => Promise<Signer>
  readonly request: OpeningRequest
}

/** The lock is asked only when something has to be signed. */
function lazySigner(locks: Locks, token: string, { bid }: AttendedBid): () => Promise<Signer> {
  return () => bidderSigner(locks, token, bid)
}

async function openingOf(platform: Platform, packageDigest: string): Promise<string> {
  const listed = (await platform.tenders()).find(tender => tender.packageDigest === packageDigest)
  if (listed === undefined) throw new AppFailure('platform.unknown', 'the platform does not run this tender')
  return listed.openingId
}

async function requireBegun(
  ports: Ports,
  platform: Platform,
  openingId: string,
  { bid }: AttendedBid,
  questions: OpeningQuestions,
): Promise<void> {
  const { state } = await platform.opening(openingId)
  const openingTime = new Date(bid.header.tender.openingTime)
  if (state === 'waiting') throw new AppFailure('opening.early', `the opening is at ${openingTime.toISOString()}`)
  const own = ports.clock.now()
  if (own >= openingTime) return
  const times = { own, platform: await platform.serverTime(), openingTime }
  if (!(await questions.hasItBegun(times))) {
    throw new AppFailure('opening.not-confirmed', "this computer's clock says that the opening has not begun")
  }
}

/**
 * The challenge is wanted before the PIN is; some platforms give it only after the sign-in, which then comes first. The
 * lock signs the sign-in in that case, but opens no envelope before the challenge has been checked.
 */
async function challengeOf(attendance: Attendance): Promise<SignedDocument> {
  const { platform, openingId, attended } = attendance
  try {
    return await platform.challenge(openingId, attended.bid.sealDigest)
  } catch (error) {
    if (!(error instanceof AppFailure) || error.code !== 'platform.refused') throw error
  }
  await signIn(attendance)
  return platform.challenge(openingId, attended.bid.sealDigest)
}

async function signIn(attendance: Attendance): Promise<void> {
  const { ports, platform, attended, openingId, request } = attendance
  const { sealId } = attended.bid.header
  const done = await ports.deliveries.file(sealId, 'signed-in')
  if (done !== null && new TextDecoder().decode(done) === openingId) return
  const signer = await attendance.signer()
  const fields = { openingId, sealDigest: attended.bid.sealDigest }
  await platform.signIn(openingId, await authorise(ports, platform, attended.bid, signer, 'signIn', fields))
  await ports.deliveries.keepFile(sealId, 'signed-in', new TextEncoder().encode(openingId))
  await ports.journal.append('signed-in', { sealId, sealDigest: attended.bid.sealDigest, openingId })
  request.onStep?.('signed-in')
}

/** The receipt of this home; on another computer the platform hands it out again to whoever may submit the bid. */
async function receiptOf({ ports, platform, attended, signer }: Attendance): Promise<SignedDocument> {
  const { bid, tender } = attended
  const kept = await keptReceipt(ports, bid, tender)
  if (kept !== null) return kept.document
  const authorisation = await authorise(ports, platform, bid, await signer(), 'submit', bidReference(bid))
  const submission = await platform.beginSubmission({ headerArchive: headerArchive(bid), authorisation })
  if (submission.state !== 'received') throw new AppFailure('bid.not-delivered', 'the platform holds no such bid')
  requireReceipt(submission.receipt, bid, tender, 'received')
  await ports.deliveries.keepDocument(bid.header.sealId, 'receipt', submission.receipt)
  return submission.receipt
}

async function confirmRecord(attendance: Attendance, record: SignedDocument): Promise<void> {
  const { ports, platform, attended, openingId, request } = attendance
  const { sealId } = attended.bid.header
  if ((await ports.deliveries.document(sealId, 'confirm')) === null) {
    const fields = { openingId, recordDigest: sha256Hex(record.bytes) }
    const signer = await attendance.signer()
    const document = await authorise(ports, platform, attended.bid, signer, 'confirm', fields)
    await platform.confirm(openingId, document)
    await ports.deliveries.keepDocument(sealId, 'confirm', document)
    await ports.journal.append('confirmed', { sealId, sealDigest: attended.bid.sealDigest, openingId })
  }
  request.onStep?.('confirmed')
}

async function note(ports: Ports, sealId: string, state: 'released' | 'closed'): Promise<void> {
  const delivery = await ports.deliveries.get(sealId)
  if (delivery !== null) await ports.deliveries.save(reached(delivery, state))
}
