import { sha256Hex } from '../../../crypto/index.ts'
import type { SignedDocument, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { authorise } from '../delivery/authorise.ts'
import { oneAtATime } from '../delivery/one-at-a-time.ts'
import { signJournal } from '../evidence/sign-journal.ts'
import type { Attendance } from './attendance.ts'
import { isRefused } from './passing.ts'
import type { RecordFields } from './record.ts'

/** What a bidder says to the record of an opening. */
export type RecordResponse = { readonly kind: 'confirm' } | { readonly kind: 'objection'; readonly text: string }

/** Until when a record can be confirmed or objected to. */
export interface ResponseLimit {
  readonly until: Date
  /**
   * `record`: the signed record names it, and it binds. `usual`: nothing names one; objections are raised while the opening
   * lasts (招标投标法实施条例 Art. 44), which the tender reckons at `releaseMinutes`. The platform decides.
   */
  readonly by: 'record' | 'usual'
}

/** The limit for answers to a record. */
export function responseLimit(record: Pick<RecordFields, 'serverTime' | 'respondBy'>, tender: Tender): ResponseLimit {
  if (record.respondBy !== undefined) return { until: new Date(record.respondBy), by: 'record' }
  const usual = new Date(record.serverTime).getTime() + tender.fields.releaseMinutes * 60_000
  return { until: new Date(usual), by: 'usual' }
}

/** Throws `platform.closed` when the limit the record names has passed by the platform's clock. */
export function requireInTime(limit: ResponseLimit, serverTime: Date | null): void {
  if (limit.by !== 'record' || serverTime === null || serverTime <= limit.until) return
  throw new AppFailure('platform.closed', `the record takes answers until ${limit.until.toISOString()}`)
}

/** Longest text of an objection, in characters. */
export const longestObjection = 10_000

/**
 * Signs the answer to a record and hands it in, once: what was accepted is not sent again, and what a killed run had signed
 * is sent as it was unless the platform has refused it. Answers whether it was sent in this run. Throws `arguments.bad` for an objection without a text or with
 * too long a one, `token.*`, `platform.*`.
 */
export async function respondToRecord(
  attendance: Attendance,
  record: SignedDocument,
  response: RecordResponse,
): Promise<boolean> {
  if (response.kind === 'objection') requireText(response.text)
  const { ports, attended } = attendance
  const { header, sealDigest } = attended.bid
  const { sealId } = header
  const names = namesOf(response, record)
  return oneAtATime(ports, sealId, async () => {
    if ((await read(attendance, names.done)) !== null) return false
    const document = await handIn(attendance, record, response, names.begun)
    // Of several objections the last stands under the plain name too, where the evidence looks for it.
    if (response.kind === 'objection') await keep(attendance, 'objection', document)
    await keep(attendance, names.done, document)
    const act = response.kind === 'confirm' ? 'confirmed' : 'objected'
    await ports.journal.append(act, {
      sealId,
      sealDigest,
      openingId: attendance.openingId,
      recordDigest: sha256Hex(record.bytes),
    })
    const signer = attendance.signer.atHand()
    if (signer !== null) {
      await signJournal(ports, { signer, suite: attended.bid.suite, sealId, sealDigest, moment: act })
    }
    return true
  })
}

/** What this home has handed in about a record. */
export async function respondedTo(attendance: Attendance): Promise<{ confirmed: boolean; objected: boolean }> {
  return {
    confirmed: (await read(attendance, 'confirm')) !== null,
    objected: (await read(attendance, 'objection')) !== null,
  }
}

async function handIn(
  attendance: Attendance,
  record: SignedDocument,
  response: RecordResponse,
  begun: string,
): Promise<SignedDocument> {
  const before = await read(attendance, begun)
  if (before !== null) {
    try {
      await sendBegun(attendance, response, before, begun)
      return before
    } catch (error) {
      // Its nonce is old or was never given by this platform: it is signed anew.
      if (!(error instanceof AppFailure) || error.code !== 'platform.nonce') throw error
    }
  }
  const document = await sign(attendance, record, response)
  await keep(attendance, begun, document)
  await sendBegun(attendance, response, document, begun)
  return document
}

/** One that the platform refuses is forgotten: the next run signs another, with another lock perhaps. */
async function sendBegun(
  attendance: Attendance,
  response: RecordResponse,
  document: SignedDocument,
  begun: string,
): Promise<void> {
  try {
    await send(attendance, response, document)
  } catch (error) {
    const { ports, attended } = attendance
    if (isRefused(error)) await ports.deliveries.keepFile(attended.bid.header.sealId, `${begun}.p7s`, new Uint8Array())
    throw error
  }
}

async function sign(
  { ports, platform, attended, openingId, signer }: Attendance,
  record: SignedDocument,
  response: RecordResponse,
): Promise<SignedDocument> {
  const fields = { openingId, recordDigest: sha256Hex(record.bytes) }
  const by = await signer.get()
  if (response.kind === 'confirm') return authorise(ports, platform, attended.bid, by, 'confirm', fields)
  const { text } = response
  return authorise(ports, platform, attended.bid, by, 'objection', { ...fields, text })
}

function send({ platform, openingId }: Attendance, { kind }: RecordResponse, document: SignedDocument): Promise<void> {
  return kind === 'confirm' ? platform.confirm(openingId, document) : platform.object(openingId, document)
}

function requireText(text: string): void {
  if (text.trim() !== '' && text.length <= longestObjection) return
  throw new AppFailure('arguments.bad', `an objection needs a text of at most ${longestObjection} characters`)
}

/** An objection with another text, or to another record, is another one. */
function namesOf(response: RecordResponse, record: SignedDocument): { readonly begun: string; readonly done: string } {
  if (response.kind === 'confirm') return { begun: 'confirm-begun', done: 'confirm' }
  const digest = sha256Hex(new TextEncoder().encode(`${sha256Hex(record.bytes)}\n${response.text}`)).slice(0, 16)
  return { begun: `objection-begun-${digest}`, done: `objection-${digest}` }
}

async function read({ ports, attended }: Attendance, name: string): Promise<SignedDocument | null> {
  const { sealId } = attended.bid.header
  const bytes = await ports.deliveries.file(sealId, `${name}.json`)
  const signature = await ports.deliveries.file(sealId, `${name}.p7s`)
  return bytes === null || signature === null || signature.length === 0 ? null : { bytes, signature }
}

/** The signature goes last: a document without one counts as not kept. */
async function keep({ ports, attended }: Attendance, name: string, document: SignedDocument): Promise<void> {
  const { sealId } = attended.bid.header
  await ports.deliveries.keepFile(sealId, `${name}.json`, document.bytes)
  await ports.deliveries.keepFile(sealId, `${name}.p7s`, document.signature)
}
