import { sha256Algorithm } from '../cms/algorithms.ts'
import { sm3Algorithm } from '../cms/gm/algorithms.ts'
import { maxSignatureLength } from '../cms/detached.ts'
import { readSignedData } from '../cms/signed-data.ts'
import { contextTag, type DerFields, type DerNode, readDer, tags } from '../der/reader.ts'
import { namedBits, octetString as octets, oidString, smallInteger, textOf, unsignedInteger } from '../der/values.ts'
import {
  derTrue,
  integer,
  octetString,
  oid,
  sameBytes,
  sequence,
  unsignedInteger as encodeInteger,
} from '../der/writer.ts'
import { CryptoFailure, recode } from '../errors.ts'
import type { Randomness } from '../io/ports.ts'
import type { SuiteId } from '../suite.ts'
import { verifiedCanonical } from './canonical-timestamp.ts'
import type { Imprint, VerifiedTimestamp } from './timestamp.ts'

/** What an authority is asked (RFC 3161, 2.4.1). */
export interface TimestampRequest {
  /** TimeStampReq, DER. */
  readonly der: Uint8Array
  readonly imprint: Imprint
  /** Ties the answer to this question: no older one fits. */
  readonly nonce: bigint
  /** The policy that was asked for, dotted; null for whatever the authority does. */
  readonly policy: string | null
}

/** An authority's answer that is one to the question, and holds. Whether the authority is trusted is the caller's question. */
export interface TimestampReply extends VerifiedTimestamp {
  /** The answer in the one form a sealed bid carries: status and token, DER, nothing beside. */
  readonly response: Uint8Array
  /** The token alone, as a signature carries it. */
  readonly token: Uint8Array
  /** The policy it was given under, dotted. */
  readonly policy: string
}

/** Longest answer that is looked at, in bytes. */
export const maxTimestampLength = maxSignatureLength

/** Bytes of a nonce. */
const nonceLength = 8

/** PKIFailureInfo of RFC 3161, 2.4.2, by the number of the bit. */
const failureNames: Readonly<Record<number, string>> = {
  0: 'badAlg',
  2: 'badRequest',
  5: 'badDataFormat',
  14: 'timeNotAvailable',
  15: 'unacceptedPolicy',
  16: 'unacceptedExtension',
  17: 'addInfoNotAvailable',
  25: 'systemFailure',
}

/** PKIStatus of RFC 3161, 2.4.2. */
const statusNames = [
  'granted',
  'granted with changes',
  'rejection',
  'waiting',
  'revocation warning',
  'revocation notification',
]

const longestText = 200

/** An authority that has understood the question and gives no time stamp. */
export class TimestampRefused extends CryptoFailure {
  /** What the authority says of it in its own words; null when it says nothing. */
  readonly authoritySays: string | null

  constructor(reason: string, authoritySays: string | null) {
    super('document.signature', `the time-stamp authority gives no time stamp: ${reason}`)
    this.authoritySays = authoritySays
  }
}

/** A question about these 32 bytes with a fresh nonce, that asks for the authority's certificates. */
export function timestampRequest(
  imprint: Imprint,
  { randomness, policy = null }: { readonly randomness: Randomness; readonly policy?: string | null },
): TimestampRequest {
  if (imprint.digest.length !== 32) throw new CryptoFailure('arguments.bad', 'an imprint of another length')
  const nonce = randomness.bytes(nonceLength)
  const algorithm = imprint.hash === 'sm3' ? sm3Algorithm : sha256Algorithm
  const der = sequence(
    integer(1),
    sequence(algorithm, octetString(imprint.digest)),
    ...(policy === null ? [] : [oid(policy)]),
    encodeInteger(nonce),
    derTrue,
  )
  return { der, imprint, policy, nonce: BigInt(`0x${Buffer.from(nonce).toString('hex')}`) }
}

/**
 * Judges an answer: granted, to this question (nonce, imprint, policy), and everything `verifyTimestamp` asks for. Throws
 * {@link TimestampRefused} where the authority says no, else `document.signature`.
 */
export function checkTimestampReply(answer: Uint8Array, request: TimestampRequest): TimestampReply {
  const raw = recode('document.signature', () => readAnswer(answer))
  if (raw instanceof TimestampRefused) throw raw
  return recode('document.signature', () => {
    const { content } = readSignedData(raw)
    if (content === null) throw bad('a time stamp without content')
    const policy = requireSameQuestion(content, request)
    const suite: SuiteId = request.imprint.hash === 'sm3' ? 'gm-1' : 'intl-1'
    return { policy, ...verifiedCanonical(sequence(sequence(integer(0)), raw), request.imprint, suite) }
  })
}

/** TimeStampResp (RFC 3161, 2.4.2): the token, DER, or the refusal. */
function readAnswer(answer: Uint8Array): Uint8Array | TimestampRefused {
  if (answer.length > maxTimestampLength) throw bad('longer than 64 KiB')
  const root = readDer(answer)
  if (root.tag !== tags.sequence) throw bad('no answer')
  const fields = root.fields()
  const refusal = refusalIn(fields.take(tags.sequence))
  if (refusal !== null) return refusal
  const { raw } = fields.take(tags.sequence)
  fields.end()
  return raw
}

/** PKIStatusInfo. Granted with changes will do: what could have been changed is compared. */
function refusalIn(node: DerNode): TimestampRefused | null {
  const fields = node.fields()
  const status = smallInteger(fields.take(tags.integer))
  if (status <= 1) return null
  const text = fields.optional(tags.sequence)
  const bits = fields.optional(tags.bitString)
  const names = [...(bits === null ? [] : namedBits(bits))].map(bit => failureNames[bit] ?? `bit ${bit}`)
  const name = statusNames[status] ?? `status ${status}`
  const said = (text?.children().map(line => textOf(line) ?? '') ?? []).join(' ').trim()
  const reason = names.length === 0 ? name : `${name} (${names.join(', ')})`
  return new TimestampRefused(reason, said === '' ? null : said.slice(0, longestText))
}

/** TSTInfo, as far as it answers the question; `verifyTimestamp` reads the rest. Answers the policy. */
function requireSameQuestion(content: Uint8Array, { imprint, nonce, policy }: TimestampRequest): string {
  const fields = readDer(content).fields()
  smallInteger(fields.take(tags.integer))
  const given = oidString(fields.take(tags.oid))
  if (policy !== null && given !== policy) throw bad('the time stamp is given under another policy than was asked for')
  const imprinted = fields.take(tags.sequence).fields()
  imprinted.take(tags.sequence)
  if (!sameBytes(octets(imprinted.take(tags.octetString)), imprint.digest))
    throw bad('the time stamp is of something else')
  const answered = nonceIn(fields)
  if (answered === null) throw bad('the nonce is missing: this could be an answer to an older question')
  if (answered !== nonce) throw bad('the nonce is another one: this is the answer to another question')
  return given
}

/** serialNumber, genTime, accuracy, ordering, nonce, tsa, extensions. */
function nonceIn(fields: DerFields): bigint | null {
  fields.take(tags.integer)
  fields.take(tags.generalizedTime)
  fields.optional(tags.sequence)
  fields.optional(tags.boolean)
  const node = fields.optional(tags.integer)
  fields.optional(contextTag(0))
  return node === null ? null : unsignedInteger(node)
}

function bad(detail: string): CryptoFailure {
  return new CryptoFailure('document.signature', detail)
}
