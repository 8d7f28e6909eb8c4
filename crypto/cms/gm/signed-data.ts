import { oids } from '../../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../../der/reader.ts'
import { octetString as octets, oidString, smallInteger } from '../../der/values.ts'
import { context, integer, octetString, oid, sameBytes, sequence, setOf, sorted } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import { encodeIssuerAndSerial, type IssuerAndSerial, readIssuerAndSerial } from '../issuer-and-serial.ts'

/** A detached GB/T 35275 SignedData with one SignerInfo, version 1, without attributes of any kind. */
export interface GmSignedData {
  /** AlgorithmIdentifier, DER: the one element of digestAlgorithms. */
  readonly digestAlgorithm: Uint8Array
  /** DER each. */
  readonly certificates: readonly Uint8Array[]
  readonly signer: GmSignerInfo
}

export interface GmSignerInfo extends IssuerAndSerial {
  readonly digestAlgorithm: Uint8Array
  readonly signatureAlgorithm: Uint8Array
  /** SM2Signature, DER SEQUENCE { r, s }. */
  readonly signature: Uint8Array
}

const version = 1

/** The message as DER: SETs sorted, no content, no revocation lists, no attributes. */
export function encodeGmSignedData({ digestAlgorithm, certificates, signer }: GmSignedData): Uint8Array {
  const signerInfo = sequence(
    integer(version),
    encodeIssuerAndSerial(signer),
    signer.digestAlgorithm,
    signer.signatureAlgorithm,
    octetString(signer.signature),
  )
  const signedData = sequence(
    integer(version),
    setOf(digestAlgorithm),
    sequence(oid(oids.gmData)),
    context(0, ...sorted(certificates)),
    setOf(signerInfo),
  )
  return sequence(oid(oids.gmSignedData), context(0, signedData))
}

/**
 * Reads a message of this shape and builds it again: any difference is refused, and so are a second signer, a content
 * inside the message, attributes (signed or not), revocation lists, another version. What the algorithms mean is judged
 * by the caller. Throws `document.malformed`.
 */
export function decodeGmSignedData(der: Uint8Array): GmSignedData {
  const message = readGmSignedData(der)
  if (!sameBytes(encodeGmSignedData(message), der)) throw malformed('SignedData that is not canonical')
  return message
}

function readGmSignedData(der: Uint8Array): GmSignedData {
  const outer = readDer(der).fields()
  if (oidString(outer.take(tags.oid)) !== oids.gmSignedData) throw malformed('no SignedData')
  const body = outer.take(contextTag(0)).only(tags.sequence).fields()
  outer.end()
  requireVersion(body.take(tags.integer))
  const digestAlgorithm = body.take(tags.set).only(tags.sequence).raw
  const encapsulated = body.take(tags.sequence).fields()
  if (oidString(encapsulated.take(tags.oid)) !== oids.gmData) throw malformed('a content other than data')
  if (encapsulated.optional(contextTag(0)) !== null) throw malformed('not a detached signature')
  encapsulated.end()
  const certificates = body.take(contextTag(0)).children()
  const signer = readSigner(body.take(tags.set).only(tags.sequence))
  body.end()
  for (const { tag } of certificates) if (tag !== tags.sequence) throw malformed('a certificate of another kind')
  const texts = certificates.map(({ raw }) => Buffer.from(raw).toString('latin1'))
  if (new Set(texts).size !== texts.length) throw malformed('a certificate stands twice')
  return { digestAlgorithm, certificates: certificates.map(({ raw }) => raw), signer }
}

function readSigner(node: DerNode): GmSignerInfo {
  const fields = node.fields()
  requireVersion(fields.take(tags.integer))
  const { issuer, serial } = readIssuerAndSerial(fields.take(tags.sequence))
  const digestAlgorithm = fields.take(tags.sequence).raw
  // With signed attributes the signature would be over them: an attacker could pass an attribute set off as a content.
  if (fields.optional(contextTag(0)) !== null) throw malformed('signed attributes')
  const signatureAlgorithm = fields.take(tags.sequence).raw
  const signature = octets(fields.take(tags.octetString))
  // Unsigned attributes would be bytes nobody vouches for.
  fields.end()
  return { issuer, serial, digestAlgorithm, signatureAlgorithm, signature }
}

function requireVersion(node: DerNode): void {
  if (smallInteger(node) !== version) throw malformed('a version other than 1')
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `gm signature: ${detail}`)
}
