import { decodeDocument } from '../../../crypto/index.ts'
import type { DocumentFields, JobControl, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Failure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import { oneAtATime } from '../delivery/one-at-a-time.ts'
import { recordedPlatform } from '../evidence/recorded-platform.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import { openServerClock } from '../time/server-clock.ts'
import type { Locks } from '../tokens/locks.ts'
import type { Trust } from '../trust.ts'
import { lazySigner } from './attendance.ts'
import type { Attendance } from './attendance.ts'
import { adopt, attendedBid } from './attended-bid.ts'
import { openingOf } from './beginning.ts'
import { keepRecord, readRecord, requireRecord } from './record.ts'
import type { RecordFields } from './record.ts'
import { requireInTime, respondedTo, respondToRecord, responseLimit } from './respond.ts'
import type { RecordResponse, ResponseLimit } from './respond.ts'
import { openingTerms } from './terms.ts'

export interface RecordRequest {
  /** A sealId, a sealed file or a header file. */
  readonly bid: string
  readonly platformUrl: string
  /** The lock that signs the answer. */
  readonly token: string
  readonly trust: Trust
}

/** What only a person can decide before an answer is signed. Answering no ends with `opening.not-confirmed`. */
export interface ResponseQuestions {
  /** The usual limit has passed, and the record names none: only the platform knows whether it still takes an answer. */
  afterUsualLimit(limit: ResponseLimit): Promise<boolean>
  /** The opposite has been handed in already. */
  afterTheOpposite(before: 'confirmed' | 'objected'): Promise<boolean>
}

/** The record of an opening, as one bidder sees it. */
export interface SeenRecord {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  readonly openingId: string
  readonly document: SignedDocument
  /** Null where its signature or its form does not hold: then it can only be objected to. */
  readonly fields: RecordFields | null
  /** What the record says of this bid; null where it does not name it. */
  readonly own: RecordFields['bids'][number] | null
  /** Why it does not stand up to the check; null when it does. */
  readonly failure: Failure | null
  /** Null for a record that cannot be read. */
  readonly limit: ResponseLimit | null
  readonly confirmed: boolean
  readonly objected: boolean
}

/** Fetches the record and checks it; signs nothing and asks for no lock. Throws `platform.not-open` while there is none. */
export async function seeRecord(
  ports: Ports,
  locks: Locks,
  request: RecordRequest,
  control: JobControl,
): Promise<SeenRecord> {
  return (await fetchRecord(ports, locks, request, control)).seen
}

/**
 * Confirms a record, or objects to it, within its limit. Only a record that stands up to every check can be confirmed; one
 * that does not can be objected to all the same, and so can one that cannot be read. Done once, it is not done again. Throws
 * `opening.record`, `platform.closed` after the limit the record names, `opening.not-confirmed`, `arguments.bad`,
 * `token.*`, `platform.*`.
 */
export async function answerRecord(
  ports: Ports,
  locks: Locks,
  request: RecordRequest & { readonly response: RecordResponse; readonly questions: ResponseQuestions },
  control: JobControl,
): Promise<SeenRecord & { readonly sent: boolean }> {
  const { attendance, seen } = await fetchRecord(ports, locks, request, control)
  const { response, questions } = request
  const confirming = response.kind === 'confirm'
  if (confirming && seen.failure !== null) {
    throw new AppFailure('opening.record', seen.failure.detail ?? 'the record does not stand up to the check')
  }
  const before = confirming ? (seen.objected ? 'objected' : null) : seen.confirmed ? 'confirmed' : null
  if (before !== null && !(await questions.afterTheOpposite(before))) throw declined()
  if (seen.limit !== null) await requireTime(attendance, seen.limit, questions)
  const sent = await respondToRecord(attendance, seen.document, response)
  return { ...seen, ...(await respondedTo(attendance)), sent }
}

async function fetchRecord(
  ports: Ports,
  locks: Locks,
  request: RecordRequest,
  { signal }: JobControl,
): Promise<{ readonly attendance: Attendance; readonly seen: SeenRecord }> {
  const plain = ports.platformAt(request.platformUrl, signal)
  const found = await attendedBid(ports, plain, request.bid, request.trust)
  const { sealDigest, shortCode, header } = found.bid
  const { sealId } = header
  const platform = recordedPlatform(ports, plain, { sealId, sealDigest })
  const openingId = await openingOf(platform, found.tender.packageDigest)
  const terms = await openingTerms(ports, platform, found.tender)
  const attended = { ...found, tender: terms.tender }
  const clock = openServerClock(ports, platform, found.tender)
  const signer = lazySigner(ports, locks, request.token, attended)
  const attendance = { ports, platform, attended, terms, openingId, clock, signer }
  const document = await platform.record(openingId)
  if (document === null) throw new AppFailure('platform.not-open', 'there is no record of the opening yet')
  // An answer is kept with the bid, also on a computer that has not seen it before.
  if (!found.ours) await oneAtATime(ports, sealId, () => adopt(ports, found.bid, request.platformUrl))
  const judged = await judge(platform, document, attendance)
  if (judged.failure === null && judged.own !== null && (await ports.deliveries.document(sealId, 'record')) === null) {
    const { state } = judged.own
    await oneAtATime(ports, sealId, () => keepRecord(attendance, document, state))
  }
  const limit = judged.fields === null ? null : responseLimit(judged.fields, attended.tender)
  const named = { sealId, sealDigest, shortCode, openingId }
  return { attendance, seen: { ...named, document, ...judged, limit, ...(await respondedTo(attendance)) } }
}

async function judge(
  platform: Platform,
  document: SignedDocument,
  { ports, attended, openingId }: Attendance,
): Promise<Pick<SeenRecord, 'fields' | 'own' | 'failure'>> {
  const kept = await ports.deliveries.document(attended.bid.header.sealId, 'challenge')
  const challenge = kept === null ? null : decodeDocument('challenge', kept.bytes)
  const opening: Pick<DocumentFields<'challenge'>, 'openingId'> = challenge?.openingId === openingId
    ? challenge
    : { openingId }
  let fields: RecordFields | null = null
  try {
    fields = readRecord(document, attended)
    const { own } = await requireRecord(ports, platform, document, attended, opening)
    return { fields, own, failure: null }
  } catch (error) {
    const failure = toFailure(error)
    if (failure.code !== 'opening.record') throw error
    const own = fields?.bids.find(bid => bid.sealDigest === attended.bid.sealDigest) ?? null
    return { fields, own, failure }
  }
}

async function requireTime({ clock }: Attendance, limit: ResponseLimit, questions: ResponseQuestions): Promise<void> {
  const now = await clock.read().then(
    ({ serverTime }) => serverTime,
    (error: unknown) => {
      // Who tells no time is asked all the same, and decides.
      if (error instanceof AppFailure && error.code === 'platform.clock') return null
      throw error
    },
  )
  requireInTime(limit, now)
  const passed = limit.by === 'usual' && now !== null && now > limit.until
  if (passed && !(await questions.afterUsualLimit(limit))) throw declined()
}

function declined(): AppFailure {
  return new AppFailure('opening.not-confirmed', 'the answer to the record was not to be sent')
}
