import { createHash } from 'node:crypto'
import type { Certificate } from '../cert/certificate.ts'
import { type CertificateScheme, type HashName, signatureScheme, verifySignedBy } from '../cert/signature-algorithm.ts'
import { digestAlgorithms, type KnownAlgorithm, meaningOf, rsaSignature, timestampDigests } from '../cms/algorithms.ts'
import { requireSigningCertificate } from '../cms/attributes.ts'
import { maxSignatureLength, signerAmong } from '../cms/detached.ts'
import { gmDigestAlgorithms, gmSignatureAlgorithms } from '../cms/gm/algorithms.ts'
import { attributesToSign, decodeSignedData, type SignedData } from '../cms/signed-data.ts'
import { oids } from '../der/oids.ts'
import { contextTag, readDer, requireDer, tags } from '../der/reader.ts'
import { preciseTimeValue } from '../der/time.ts'
import { booleanValue, octetString, oidString, smallInteger, unsignedInteger } from '../der/values.ts'
import { sameBytes } from '../der/writer.ts'
import { CryptoFailure, recode } from '../errors.ts'
import { sm3 } from '../sm/sm3.ts'
import type { SuiteId } from '../suite.ts'
import { hasLowS } from './ecdsa.ts'

type StampDigest = HashName | 'sm3'

/** The digest of what is stamped, where the bytes themselves are not at hand. */
export interface Imprint {
  readonly hash: 'sha256' | 'sm3'
  /** 32 bytes. */
  readonly digest: Uint8Array
}

/** What a suite lets a time stamp be made with: the digest of its imprint, and the authority's own. */
const allowed: Readonly<
  Record<SuiteId, Readonly<Record<'imprint' | 'authority', readonly KnownAlgorithm<StampDigest>[]>>>
> = {
  'intl-1': { imprint: digestAlgorithms, authority: timestampDigests },
  'gm-1': {
    imprint: [...digestAlgorithms, ...gmDigestAlgorithms],
    authority: [...timestampDigests, ...gmDigestAlgorithms],
  },
}

/** A time stamp whose shape, imprint and signature hold; trust is judged by the path check with use `timestamp`. */
export interface VerifiedTimestamp {
  readonly time: Date
  readonly signer: Certificate
  /** The listed certificates other than the signer. The path check refuses those that are not used. */
  readonly intermediates: readonly Certificate[]
}

/**
 * Verifies an RFC 3161 response over the content octets of a signature, or over bytes whose imprint is given (seal-format,
 * row `seal.tsr`): status 0 alone, SignedData version 3 with the certificate its sid names, SHA-256 imprint, one value per attribute, no unsigned
 * attributes, everything DER. Under gm-1 the imprint may be SM3, and the authority may sign with SM2. Throws
 * `document.signature`.
 */
export function verifyTimestamp(
  response: Uint8Array,
  stamped: Uint8Array | Imprint,
  suite: SuiteId = 'intl-1',
): VerifiedTimestamp {
  return recode('document.signature', () => {
    if (response.length > maxSignatureLength) throw bad('longer than 64 KiB')
    const root = readDer(response)
    if (root.tag !== tags.sequence) throw bad('no response')
    const fields = root.fields()
    // Status granted, without text or failure information.
    if (smallInteger(fields.take(tags.sequence).only(tags.integer)) !== 0) throw bad('the status is not granted')
    const token = fields.take(tags.sequence)
    fields.end()
    return verifyToken(decodeSignedData(token.raw), stamped, suite)
  })
}

function verifyToken(message: SignedData, stamped: Uint8Array | Imprint, suite: SuiteId): VerifiedTimestamp {
  const { signer: info, content } = message
  if (message.version !== 3 || info.version !== 1) throw bad('another version')
  if (message.contentType !== oids.tstInfo || content === null) throw bad('not a time stamp')
  const { authority, imprint } = allowed[suite]
  const hash = meaningOf(authority, info.digestAlgorithm)
  if (hash === null || meaningOf(authority, message.digestAlgorithm) !== hash) throw bad('an unusable digest')
  const { signer, intermediates } = signerAmong(message)
  requireAttributes(message, hash, content, signer)
  requireSignature(message, hash, signer)
  return { time: readInfo(content, stamped, imprint), signer, intermediates }
}

/** content-type, message-digest and a signing certificate, version 1 or 2 (RFC 5816); others are the authority's. */
function requireAttributes(message: SignedData, hash: StampDigest, content: Uint8Array, signer: Certificate): void {
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

function requireSignature({ signer: info }: SignedData, hash: StampDigest, signer: Certificate): void {
  const scheme = schemeOf(info.signatureAlgorithm, hash)
  if (signer.key.kind === 'ec' && !hasLowS(info.signature, signer.key.curve)) throw bad('s is above n/2')
  if (!verifySignedBy(signer, scheme, attributesToSign(info.attributes), info.signature)) {
    throw bad('the signature does not hold')
  }
}

/** The authority's signature, made over the digest it says: SM2 with SM3 and nothing else, the others with SHA-2. */
function schemeOf(algorithm: Uint8Array, hash: StampDigest): CertificateScheme {
  if (hash === 'sm3') {
    if (meaningOf(gmSignatureAlgorithms, algorithm) === null) throw bad('a signature algorithm other than SM2')
    return { kind: 'sm2' }
  }
  if (sameBytes(algorithm, rsaSignature)) return { kind: 'rsa-pkcs1', hash }
  const scheme = signatureScheme(algorithm)
  if (scheme.kind === 'sm2' || scheme.hash !== hash) throw bad('two different digests')
  return scheme
}

/** TSTInfo (RFC 3161, 2.4.2). Answers genTime. */
function readInfo(
  content: Uint8Array,
  stamped: Uint8Array | Imprint,
  imprints: readonly KnownAlgorithm<StampDigest>[],
): Date {
  const root = readDer(content)
  requireDer(root)
  const fields = root.fields()
  if (smallInteger(fields.take(tags.integer)) !== 1) throw bad('another version')
  oidString(fields.take(tags.oid))
  const imprint = fields.take(tags.sequence).fields()
  const digest = meaningOf(imprints, imprint.take(tags.sequence).raw)
  const imprinted = octetString(imprint.take(tags.octetString))
  imprint.end()
  if (digest === null) throw bad('an imprint with another digest than the suite’s')
  const expected = imprintOf(digest, stamped)
  if (expected === null || !sameBytes(imprinted, expected)) throw bad('the time stamp is of another signature')
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

/** Null where only an imprint of another digest is at hand. */
function imprintOf(hash: StampDigest, stamped: Uint8Array | Imprint): Uint8Array | null {
  if (stamped instanceof Uint8Array) return digestOf(hash, stamped)
  return stamped.hash === hash ? stamped.digest : null
}

function digestOf(hash: StampDigest | 'sha1', bytes: Uint8Array): Uint8Array {
  if (hash === 'sm3') return sm3(bytes)
  return createHash(hash).update(bytes).digest()
}

function bad(detail: string): CryptoFailure {
  return new CryptoFailure('document.signature', detail)
}
