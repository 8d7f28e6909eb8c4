import { createHash } from 'node:crypto'
import { type Certificate, publicKeyOf } from '../cert/certificate.ts'
import { type HashName, signatureScheme, verifySignature } from '../cert/signature-algorithm.ts'
import { digestAlgorithms, meaningOf, rsaSignature, timestampDigests } from '../cms/algorithms.ts'
import { requireSigningCertificate } from '../cms/attributes.ts'
import { maxSignatureLength, signerAmong } from '../cms/detached.ts'
import { attributesToSign, decodeSignedData, type SignedData } from '../cms/signed-data.ts'
import { oids } from '../der/oids.ts'
import { contextTag, readDer, requireDer, tags } from '../der/reader.ts'
import { preciseTimeValue } from '../der/time.ts'
import { booleanValue, octetString, oidString, smallInteger, unsignedInteger } from '../der/values.ts'
import { sameBytes } from '../der/writer.ts'
import { CryptoFailure, recode } from '../errors.ts'
import { hasLowS } from './ecdsa.ts'

/** A time stamp whose shape, imprint and signature hold; trust is judged by the path check with use `timestamp`. */
export interface VerifiedTimestamp {
  readonly time: Date
  readonly signer: Certificate
  /** The listed certificates other than the signer. The path check refuses those that are not used. */
  readonly intermediates: readonly Certificate[]
}

/**
 * Verifies an RFC 3161 response over the content octets of a signature (seal-format, row `seal.tsr`): status 0 alone,
 * SignedData version 3 with the certificate its sid names, SHA-256 imprint, one value per attribute, no unsigned
 * attributes, everything DER. Throws `document.signature`.
 */
export function verifyTimestamp(response: Uint8Array, signatureOctets: Uint8Array): VerifiedTimestamp {
  return recode('document.signature', () => {
    if (response.length > maxSignatureLength) throw bad('longer than 64 KiB')
    const root = readDer(response)
    if (root.tag !== tags.sequence) throw bad('no response')
    const fields = root.fields()
    // Status granted, without text or failure information.
    if (smallInteger(fields.take(tags.sequence).only(tags.integer)) !== 0) throw bad('the status is not granted')
    const token = fields.take(tags.sequence)
    fields.end()
    return verifyToken(decodeSignedData(token.raw), signatureOctets)
  })
}

function verifyToken(message: SignedData, signatureOctets: Uint8Array): VerifiedTimestamp {
  const { signer: info, content } = message
  if (message.version !== 3 || info.version !== 1) throw bad('another version')
  if (message.contentType !== oids.tstInfo || content === null) throw bad('not a time stamp')
  const hash = meaningOf(timestampDigests, info.digestAlgorithm)
  if (hash === null || meaningOf(timestampDigests, message.digestAlgorithm) !== hash) throw bad('an unusable digest')
  const { signer, intermediates } = signerAmong(message)
  requireAttributes(message, hash, content, signer)
  requireSignature(message, hash, signer)
  return { time: readInfo(content, signatureOctets), signer, intermediates }
}

/** content-type, message-digest and a signing certificate, version 1 or 2 (RFC 5816); others are the authority's. */
function requireAttributes(message: SignedData, hash: HashName, content: Uint8Array, signer: Certificate): void {
  const values = new Map(message.signer.attributes.map(({ type, value }) => [type, readDer(value)]))
  for (const value of values.values()) requireDer(value)
  const contentType = values.get(oids.contentType)
  if (contentType === undefined || oidString(contentType) !== oids.tstInfo) throw bad('content-type is another one')
  const digest = values.get(oids.messageDigest)
  if (digest === undefined || !sameBytes(octetString(digest), digestOf(hash, content))) {
    throw bad('message-digest is another one')
  }
  const first = values.get(oids.signingCertificate)
  const second = values.get(oids.signingCertificateV2)
  if (first === undefined && second === undefined) throw bad('the signing certificate is not signed')
  // Version 1 is SHA-1 by definition; it only tells which of the signed-over certificates is meant.
  if (first !== undefined) requireSigningCertificate(first, signer, bytes => digestOf('sha1', bytes))
  if (second !== undefined) requireSigningCertificate(second, signer, bytes => digestOf('sha256', bytes))
}

function requireSignature({ signer: info }: SignedData, hash: HashName, signer: Certificate): void {
  const plain = sameBytes(info.signatureAlgorithm, rsaSignature)
  const scheme = plain ? ({ kind: 'rsa-pkcs1', hash } as const) : signatureScheme(info.signatureAlgorithm)
  if (scheme.hash !== hash) throw bad('two different digests')
  if (signer.key.kind === 'ec' && !hasLowS(info.signature, signer.key.curve)) throw bad('s is above n/2')
  if (!verifySignature(scheme, publicKeyOf(signer), attributesToSign(info.attributes), info.signature)) {
    throw bad('the signature does not hold')
  }
}

/** TSTInfo (RFC 3161, 2.4.2). Answers genTime. */
function readInfo(content: Uint8Array, signatureOctets: Uint8Array): Date {
  const root = readDer(content)
  requireDer(root)
  const fields = root.fields()
  if (smallInteger(fields.take(tags.integer)) !== 1) throw bad('another version')
  oidString(fields.take(tags.oid))
  const imprint = fields.take(tags.sequence).fields()
  const digest = meaningOf(digestAlgorithms, imprint.take(tags.sequence).raw)
  const imprinted = octetString(imprint.take(tags.octetString))
  imprint.end()
  if (digest === null) throw bad('an imprint other than SHA-256')
  if (!sameBytes(imprinted, digestOf('sha256', signatureOctets))) throw bad('the time stamp is of another signature')
  unsignedInteger(fields.take(tags.integer))
  const time = preciseTimeValue(fields.take(tags.generalizedTime))
  fields.optional(tags.sequence)
  const ordering = fields.optional(tags.boolean)
  if (ordering !== null && !booleanValue(ordering)) throw bad('a default written out')
  fields.optional(tags.integer)
  fields.optional(contextTag(0))
  // Extensions could change the meaning; none is known here.
  fields.end()
  return time
}

function digestOf(hash: HashName | 'sha1', bytes: Uint8Array): Uint8Array {
  return createHash(hash).update(bytes).digest()
}

function bad(detail: string): CryptoFailure {
  return new CryptoFailure('document.signature', detail)
}
