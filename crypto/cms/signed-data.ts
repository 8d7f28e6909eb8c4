import { oids } from '../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../der/reader.ts'
import { octetString as octets, oidString, smallInteger } from '../der/values.ts'
import { context, integer, octetString, oid, sameBytes, sequence, setOf, sorted, tlv } from '../der/writer.ts'
import { CryptoFailure } from '../errors.ts'
import { encodeIssuerAndSerial, type IssuerAndSerial, readIssuerAndSerial } from './issuer-and-serial.ts'

/** One signed attribute: dotted type and its only value, DER. */
export interface SignedAttribute {
  readonly type: string
  readonly value: Uint8Array
}

/** A CMS SignedData with one SignerInfo that names its certificate by issuer and serial (RFC 5652, 5). */
export interface SignedData {
  readonly version: number
  /** AlgorithmIdentifier, DER: the one element of digestAlgorithms. */
  readonly digestAlgorithm: Uint8Array
  readonly contentType: string
  /** The signed content inside the message, or null for a detached signature. */
  readonly content: Uint8Array | null
  /** DER each. */
  readonly certificates: readonly Uint8Array[]
  readonly signer: SignerInfo
}

export interface SignerInfo extends IssuerAndSerial {
  readonly version: number
  readonly digestAlgorithm: Uint8Array
  readonly attributes: readonly SignedAttribute[]
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
  /** Written only: the reader refuses them. */
  readonly unsigned?: readonly SignedAttribute[]
}

/** The message as DER: SETs sorted. */
export function encodeSignedData(message: SignedData): Uint8Array {
  const { signer } = message
  const content = message.content === null ? [] : [context(0, octetString(message.content))]
  const signerInfo = sequence(
    integer(signer.version),
    encodeIssuerAndSerial(signer),
    signer.digestAlgorithm,
    context(0, ...encodedAttributes(signer.attributes)),
    signer.signatureAlgorithm,
    octetString(signer.signature),
    ...(signer.unsigned === undefined ? [] : [context(1, ...encodedAttributes(signer.unsigned))]),
  )
  const signedData = sequence(
    integer(message.version),
    setOf(message.digestAlgorithm),
    sequence(oid(message.contentType), ...content),
    context(0, ...sorted(message.certificates)),
    setOf(signerInfo),
  )
  return sequence(oid(oids.signedData), context(0, signedData))
}

/** What the signature is made over: the attributes as an explicit SET OF (RFC 5652, 5.4). */
export function attributesToSign(attributes: readonly SignedAttribute[]): Uint8Array {
  return setOf(...encodedAttributes(attributes))
}

/**
 * Reads a message of this shape and builds it again: any difference is refused, and so are a second signer, unsigned
 * attributes, missing signed attributes, an attribute with two values or standing twice, revocation lists. What the
 * fields mean is judged by the caller. Throws `document.malformed`.
 */
export function decodeSignedData(der: Uint8Array): SignedData {
  const message = readSignedData(der)
  if (!sameBytes(encodeSignedData(message), der)) throw malformed('SignedData that is not canonical')
  return message
}

/**
 * The same for a message that others made and this program will write anew: the order of its SETs is not judged.
 * Never the last word on a message that is kept as it is. Throws `document.malformed`.
 */
export function readSignedData(der: Uint8Array): SignedData {
  const outer = readDer(der).fields()
  if (oidString(outer.take(tags.oid)) !== oids.signedData) throw malformed('no SignedData')
  const body = outer.take(contextTag(0)).only(tags.sequence).fields()
  outer.end()
  const version = smallInteger(body.take(tags.integer))
  const digestAlgorithm = body.take(tags.set).only(tags.sequence).raw
  const encapsulated = body.take(tags.sequence).fields()
  const contentType = oidString(encapsulated.take(tags.oid))
  const content = encapsulated.optional(contextTag(0))
  encapsulated.end()
  const certificates = body.take(contextTag(0)).children()
  const signer = readSigner(body.take(tags.set).only(tags.sequence))
  body.end()
  for (const { tag } of certificates) if (tag !== tags.sequence) throw malformed('a certificate of another kind')
  if (hasDuplicates(certificates.map(({ raw }) => Buffer.from(raw).toString('latin1'))))
    throw malformed('a certificate stands twice')
  return {
    version,
    digestAlgorithm,
    contentType,
    content: content === null ? null : octets(content.only(tags.octetString)),
    certificates: certificates.map(({ raw }) => raw),
    signer,
  }
}

function readSigner(node: DerNode): SignerInfo {
  const fields = node.fields()
  const version = smallInteger(fields.take(tags.integer))
  const { issuer, serial } = readIssuerAndSerial(fields.take(tags.sequence))
  const digestAlgorithm = fields.take(tags.sequence).raw
  const attributes = fields.take(contextTag(0)).children()
  const signatureAlgorithm = fields.take(tags.sequence).raw
  const signature = octets(fields.take(tags.octetString))
  // Unsigned attributes would be bytes nobody vouches for.
  fields.end()
  const read = attributes.map(readAttribute)
  if (hasDuplicates(read.map(({ type }) => type))) throw malformed('an attribute stands twice')
  return { version, issuer, serial, digestAlgorithm, attributes: read, signatureAlgorithm, signature }
}

function readAttribute(node: DerNode): SignedAttribute {
  const fields = node.fields()
  const type = oidString(fields.take(tags.oid))
  const [value, ...others] = fields.take(tags.set).children()
  fields.end()
  if (value === undefined || others.length > 0) throw malformed('an attribute without exactly one value')
  return { type, value: value.raw }
}

function hasDuplicates(list: readonly string[]): boolean {
  return new Set(list).size !== list.length
}

function encodedAttributes(attributes: readonly SignedAttribute[]): readonly Uint8Array[] {
  return sorted(attributes.map(({ type, value }) => sequence(oid(type), tlv(tags.set, value))))
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', detail)
}
