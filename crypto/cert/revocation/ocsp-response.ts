import { CryptoFailure } from '../../errors.ts'
import { oids } from '../../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../../der/reader.ts'
import { timeValue } from '../../der/time.ts'
import { bitString, octetString, oidString, smallInteger } from '../../der/values.ts'
import { type Certificate, parseCertificate } from '../certificate.ts'
import { type Extension, readExtensions, readSequence } from '../extensions.ts'
import { nameAttributes } from '../name.ts'
import { type CertId, readCertId } from './cert-id.ts'
import { reasonValue } from './crl.ts'
import type { Revocation, Statement } from './verdict.ts'

/** Longest answer that is read, in bytes. */
export const maxOcspResponseLength = 256 * 1024

/** Most certificates and single answers an answer may hold. */
const maxItems = 16

/** An answer without a promise of the next speaks for a day (RFC 6960, 2.4: newer ones are always to be had). */
const lifeWithoutNextMs = 24 * 3600_000

/** What a responder says of one certificate. */
export interface SingleAnswer extends Statement {
  readonly id: CertId
  readonly status: 'good' | 'unknown' | Revocation
}

/** A basic answer of a responder taken apart (RFC 6960, 4.2.1). */
export interface OcspResponse {
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
  /** DER Name, or SHA-1 of the key's bits. */
  readonly responder: { readonly name: Uint8Array } | { readonly keyHash: Uint8Array }
  readonly producedAt: Date
  readonly answers: readonly SingleAnswer[]
  /** Certificates sent along; those that cannot be read are left out. */
  readonly certificates: readonly Certificate[]
  /** The nonce's bytes, for who asked with one. */
  readonly nonce: Uint8Array | null
}

const enumerated = 0x0a

/**
 * Takes an OCSPResponse apart without judging it. Throws `cert.unsupported` for what is no successful basic answer, is
 * longer than 256 KiB, or says something critical nobody here knows.
 */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  if (der.length > maxOcspResponseLength) throw new CryptoFailure('cert.unsupported', 'an OCSP answer above 256 KiB')
  try {
    return readResponse(der)
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    throw new CryptoFailure('cert.unsupported', `not a usable OCSP answer: ${error.detail}`, error)
  }
}

function readResponse(der: Uint8Array): OcspResponse {
  const outer = readSequence(der).fields()
  const status = outer.take(enumerated)
  if (status.content.length !== 1 || status.content[0] !== 0) throw malformed('the responder did not answer')
  const wrapped = outer.take(contextTag(0)).only(tags.sequence).fields()
  outer.end()
  if (oidString(wrapped.take(tags.oid)) !== oids.ocspBasic) throw malformed('another kind of answer')
  const basic = readSequence(octetString(wrapped.take(tags.octetString))).fields()
  wrapped.end()
  const data = basic.take(tags.sequence)
  const signatureAlgorithm = basic.take(tags.sequence).raw
  const signature = bitString(basic.take(tags.bitString))
  const certificates = basic.optional(contextTag(0))
  basic.end()

  const fields = data.fields()
  const version = fields.optional(contextTag(0))
  if (version !== null && smallInteger(version.only(tags.integer)) !== 0) throw malformed('a version above 1')
  const responder = readResponder(fields.take())
  const producedAt = timeValue(fields.take(tags.generalizedTime))
  const answers = bounded(fields.take(tags.sequence).children()).map(readAnswer)
  const extensions = readKnown(fields.optional(contextTag(1)))
  fields.end()
  const nonce = extensions.get(oids.ocspNonce)?.value ?? null
  const signed = { tbs: data.raw, signatureAlgorithm, signature }
  const sent = certificates === null ? [] : bounded(certificates.only(tags.sequence).children()).flatMap(readSent)
  return { ...signed, responder, producedAt, answers, certificates: sent, nonce: nonce && nonceValue(nonce) }
}

function readResponder(node: DerNode): OcspResponse['responder'] {
  if (node.tag === contextTag(1)) {
    const name = node.only(tags.sequence).raw
    nameAttributes(name)
    return { name }
  }
  if (node.tag === contextTag(2)) return { keyHash: octetString(node.only(tags.octetString)) }
  throw malformed('an answer by nobody')
}

function readAnswer(node: DerNode): SingleAnswer {
  const fields = node.fields()
  const id = readCertId(fields.take(tags.sequence))
  const status = readStatus(fields.take())
  const thisUpdate = timeValue(fields.take(tags.generalizedTime))
  const next = fields.optional(contextTag(0))
  readKnown(fields.optional(contextTag(1)))
  fields.end()
  const nextUpdate =
    next === null ? new Date(thisUpdate.getTime() + lifeWithoutNextMs) : timeValue(next.only(tags.generalizedTime))
  return { id, status, thisUpdate, nextUpdate }
}

function readStatus(node: DerNode): SingleAnswer['status'] {
  if (node.tag === contextTag(0, 'primitive') && node.content.length === 0) return 'good'
  if (node.tag === contextTag(2, 'primitive') && node.content.length === 0) return 'unknown'
  if (node.tag !== contextTag(1)) throw malformed('a status that is none')
  const fields = node.fields()
  const since = timeValue(fields.take(tags.generalizedTime))
  const reason = fields.optional(contextTag(0))
  fields.end()
  return { since, reason: reason === null ? 'unspecified' : reasonValue(reason.only(enumerated)), suspectSince: null }
}

/** Extensions of which none is critical, the nonce apart. */
function readKnown(node: DerNode | null): ReadonlyMap<string, Extension> {
  const extensions = node === null ? new Map<string, Extension>() : readExtensions(node.only(tags.sequence))
  for (const [id, { critical }] of extensions) {
    if (critical && id !== oids.ocspNonce) throw malformed(`the unknown critical extension ${id}`)
  }
  return extensions
}

/** RFC 8954: an OCTET STRING inside the extension's; older responders put the bytes there as they are. */
function nonceValue(value: Uint8Array): Uint8Array {
  try {
    return octetString(readDer(value))
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return value
  }
}

function readSent(node: DerNode): readonly Certificate[] {
  try {
    return [parseCertificate(node.raw)]
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return []
  }
}

function bounded(nodes: readonly DerNode[]): readonly DerNode[] {
  if (nodes.length > maxItems) throw malformed(`more than ${maxItems} items`)
  return nodes
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', detail)
}
