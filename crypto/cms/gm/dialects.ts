import { oids } from '../../der/oids.ts'
import { contextTag, type DerFields, type DerNode, readDer, tags } from '../../der/reader.ts'
import { integerOctets, octetString as octets, oidString, smallInteger } from '../../der/values.ts'
import { concat, sameBytes, tlv } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import { sm3 } from '../../sm/sm3.ts'
import {
  isSm2PublicKey,
  readSm2Cipher,
  readSm2Signature,
  sm2Digest,
  sm2VerifyDigest,
  writeSm2Cipher,
  writeSm2Signature,
} from '../../sm/sm2/index.ts'

// GB/T 35275 messages as other programs write them. What is read here has no place in a sealed bid: there the profile's
// own readers decide. Definite lengths are asked for; the order of SETs and what this reader has no use for are not judged.

/** Whom a foreign message means: most write issuer and serial, CFCA's library the key identifier. */
export type ForeignIdentifier =
  | { readonly kind: 'issuer-and-serial'; readonly issuer: Uint8Array; readonly serial: Uint8Array }
  | { readonly kind: 'key-identifier'; readonly keyIdentifier: Uint8Array }

/** A recipient of a foreign envelope. */
export interface ForeignRecipient {
  readonly identifier: ForeignIdentifier
  /**
   * The transported key as SM2Cipher in DER, once for every way its bytes can be read: raw bytes do not tell whether the
   * digest stands before or after the ciphertext. At most one of them opens.
   */
  readonly encryptedKeys: readonly Uint8Array[]
}

/** A foreign EnvelopedData: SM4-CBC with PKCS#7 padding. */
export interface ForeignEnvelope {
  readonly recipients: readonly ForeignRecipient[]
  /** 16 bytes. */
  readonly iv: Uint8Array
  readonly content: Uint8Array
}

/** A foreign SignedData with one signer. */
export interface ForeignSignature {
  /** DER of the contentInfo inside, which GmSSL digests. */
  readonly contentInfo: Uint8Array
  /** The content inside the message, or null for a detached signature. */
  readonly content: Uint8Array | null
  /** DER each, in their order. */
  readonly certificates: readonly Uint8Array[]
  readonly signer: ForeignIdentifier
  readonly attributes: ForeignAttributes | null
  /** SM2Signature, DER. */
  readonly signature: Uint8Array
}

export interface ForeignAttributes {
  /** What is signed: the attributes as an explicit SET OF. */
  readonly signed: Uint8Array
  readonly messageDigest: Uint8Array | null
}

/** What a foreign signature was found to be made over; `gmssl` is SM3 of the contentInfo without Z, not the standard. */
export type ForeignSignatureInput = 'content' | 'attributes' | 'gmssl'

/** Reads a foreign EnvelopedData (bare SM4 number, key identifiers, raw keys). Throws `document.malformed`. */
export function readForeignEnvelope(der: Uint8Array): ForeignEnvelope {
  const body = messageOf(der, oids.gmEnvelopedData)
  smallInteger(body.take(tags.integer))
  const recipients = body.take(tags.set).children().map(readRecipient)
  const encrypted = body.take(tags.sequence).fields()
  oidString(encrypted.take(tags.oid))
  const cipher = encrypted.take(tags.sequence).fields()
  // CFCA's library names the cipher without its mode.
  const named = oidString(cipher.take(tags.oid))
  if (named !== oids.sm4Cbc && named !== oids.sm4) throw malformed(`the cipher ${named}`)
  const iv = octets(cipher.take(tags.octetString))
  if (iv.length !== 16) throw malformed(`an IV of ${iv.length} bytes`)
  return { recipients, iv, content: contentOf(encrypted.take()) }
}

/** Reads a foreign SignedData, detached or not, with attributes or without. Throws `document.malformed`. */
export function readForeignSignature(der: Uint8Array): ForeignSignature {
  const body = messageOf(der, oids.gmSignedData)
  smallInteger(body.take(tags.integer))
  body.take(tags.set)
  const contentInfo = body.take(tags.sequence)
  const certificates = body.optional(contextTag(0))?.children() ?? []
  body.optional(contextTag(1))
  const fields = body.take(tags.set).only(tags.sequence).fields()
  smallInteger(fields.take(tags.integer))
  const signer = readIdentifier(fields.take())
  const digest = oidString(fields.take(tags.sequence).fields().take(tags.oid))
  if (digest !== oids.sm3) throw malformed(`the digest ${digest}`)
  const attributes = fields.optional(contextTag(0))
  const algorithm = oidString(fields.take(tags.sequence).fields().take(tags.oid))
  if (!signatureNumbers.has(algorithm)) throw malformed(`the signature algorithm ${algorithm}`)
  const inside = contentInfo.fields()
  oidString(inside.take(tags.oid))
  const content = inside.optional(contextTag(0))
  return {
    contentInfo: contentInfo.raw,
    content: content === null ? null : contentOf(content.fields().take()),
    certificates: certificates.map(({ raw }) => raw),
    signer,
    attributes: attributes === null ? null : readAttributes(attributes),
    signature: derSignature(octets(fields.take(tags.octetString))),
  }
}

/**
 * What a foreign signature holds over, or null where it does not hold. `point` is the signer's public key, 04 ‖ X ‖ Y;
 * `content` the signed content, whether it stands in the message or not.
 */
export function foreignSignatureInput(
  message: ForeignSignature,
  point: Uint8Array,
  content: Uint8Array,
): ForeignSignatureInput | null {
  const { attributes, signature, contentInfo } = message
  if (message.content !== null && !sameBytes(message.content, content)) return null
  if (attributes !== null) {
    const { messageDigest, signed } = attributes
    if (messageDigest === null || !sameBytes(messageDigest, sm3(content))) return null
    return sm2VerifyDigest(point, sm2Digest(point, signed), signature) ? 'attributes' : null
  }
  if (sm2VerifyDigest(point, sm2Digest(point, content), signature)) return 'content'
  return message.content !== null && sm2VerifyDigest(point, sm3(contentInfo), signature) ? 'gmssl' : null
}

const signatureNumbers: ReadonlySet<string> = new Set([oids.sm2Signature, oids.sm2WithSm3, oids.sm2])
const transportNumbers: ReadonlySet<string> = new Set([oids.sm2Encryption, oids.sm2KeyExchange, oids.sm2])

function messageOf(der: Uint8Array, type: string): DerFields {
  const outer = readDer(der).fields()
  if (oidString(outer.take(tags.oid)) !== type) throw malformed('another type of message')
  return outer.take(contextTag(0)).only(tags.sequence).fields()
}

function readRecipient(node: DerNode): ForeignRecipient {
  const fields = node.fields()
  smallInteger(fields.take(tags.integer))
  const identifier = readIdentifier(fields.take())
  const algorithm = oidString(fields.take(tags.sequence).fields().take(tags.oid))
  if (!transportNumbers.has(algorithm)) throw malformed(`the key encryption ${algorithm}`)
  return { identifier, encryptedKeys: readingsOf(octets(fields.take(tags.octetString))) }
}

function readIdentifier(node: DerNode): ForeignIdentifier {
  if (node.tag === contextTag(0, 'primitive')) return { kind: 'key-identifier', keyIdentifier: node.content }
  if (node.tag === contextTag(0)) return { kind: 'key-identifier', keyIdentifier: octets(node.only(tags.octetString)) }
  if (node.tag !== tags.sequence) throw malformed('a party named in an unknown way')
  const fields = node.fields()
  const issuer = fields.take(tags.sequence).raw
  return { kind: 'issuer-and-serial', issuer, serial: integerOctets(fields.take(tags.integer)) }
}

/** Every layout in practice that the bytes can be: ASN.1, or raw with or without 04, digest before or after. */
function readingsOf(encryptedKey: Uint8Array): readonly Uint8Array[] {
  const layouts = encryptedKey[0] === tags.sequence ? (['asn1', ...rawLayouts] as const) : rawLayouts
  const readings = layouts.flatMap(layout => {
    try {
      const parts = readSm2Cipher(encryptedKey, layout)
      // Only one way of reading begins with a point of the curve.
      const isPoint = isSm2PublicKey(concat(Uint8Array.of(4), parts.x, parts.y))
      return isPoint ? [writeSm2Cipher(parts, 'asn1')] : []
    } catch (error) {
      if (error instanceof CryptoFailure) return []
      throw error
    }
  })
  if (readings.length === 0) throw malformed('a transported key in no known layout')
  return readings
}

const rawLayouts = ['04C1C3C2', '04C1C2C3', 'C1C3C2', 'C1C2C3'] as const

function derSignature(signature: Uint8Array): Uint8Array {
  const layout = signature.length === 64 && signature[0] !== tags.sequence ? 'raw' : 'der'
  return writeSm2Signature(readSm2Signature(signature, layout), 'der')
}

function readAttributes(node: DerNode): ForeignAttributes {
  const digest = node
    .children()
    .map(each => each.fields())
    .find(fields => oidString(fields.take(tags.oid)) === oids.messageDigest)
  const messageDigest = digest === undefined ? null : octets(digest.take(tags.set).only(tags.octetString))
  return { signed: tlv(tags.set, node.content), messageDigest }
}

/** The content of an OCTET STRING, whole or in pieces, whatever its tag says. */
function contentOf(node: DerNode): Uint8Array {
  return (node.tag & 0x20) === 0 ? node.content : concat(...node.children().map(octets))
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `foreign message: ${detail}`)
}
