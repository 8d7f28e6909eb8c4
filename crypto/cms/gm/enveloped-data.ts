import { oids } from '../../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../../der/reader.ts'
import { octetString as octets, oidString, smallInteger } from '../../der/values.ts'
import { context, contextPrimitive, integer, octetString, oid, sameBytes, sequence, tlv } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import { meaningOf } from '../algorithms.ts'
import { maxEnvelopeLength } from '../auth-enveloped.ts'
import { encodeIssuerAndSerial, type IssuerAndSerial, readIssuerAndSerial } from '../issuer-and-serial.ts'
import { gmTransportAlgorithms } from './algorithms.ts'

/** Bytes of the content: 32 bytes of key and one block of padding. */
export const sealedContentLength = 48

const ivLength = 16
const version = 1

/** A gm-1 envelope taken apart: GB/T 35275 EnvelopedData, SM4-CBC, with one SM2 recipient by issuer and serial. */
export interface GmEnveloped extends IssuerAndSerial {
  /** AlgorithmIdentifier of the key encryption, DER. */
  readonly keyAlgorithm: Uint8Array
  /** SM2Cipher, DER. */
  readonly encryptedKey: Uint8Array
  /** 16 bytes. */
  readonly iv: Uint8Array
  /** 48 bytes. */
  readonly content: Uint8Array
}

/** The envelope as DER. */
export function encodeGmEnveloped(envelope: GmEnveloped): Uint8Array {
  const recipientInfo = sequence(
    integer(version),
    encodeIssuerAndSerial(envelope),
    envelope.keyAlgorithm,
    octetString(envelope.encryptedKey),
  )
  const cipher = sequence(oid(oids.sm4Cbc), octetString(envelope.iv))
  const body = sequence(
    integer(version),
    tlv(tags.set, recipientInfo),
    sequence(oid(oids.gmData), cipher, contextPrimitive(0, envelope.content)),
  )
  return sequence(oid(oids.gmEnvelopedData), context(0, body))
}

/**
 * Reads an envelope and builds it again: any difference is refused, and so are a second recipient, shared information,
 * another version, cipher or IV length, and a content of other than 48 bytes. What the encrypted key is made of is judged
 * by the caller. Throws `document.malformed`.
 */
export function decodeGmEnveloped(der: Uint8Array): GmEnveloped {
  if (der.length > maxEnvelopeLength) throw malformed('an envelope above 16 KiB')
  const outer = readDer(der).fields()
  if (oidString(outer.take(tags.oid)) !== oids.gmEnvelopedData) throw malformed('no EnvelopedData')
  const body = outer.take(contextTag(0)).only(tags.sequence).fields()
  outer.end()
  requireVersion(body.take(tags.integer))
  const [recipientInfo, ...others] = body.take(tags.set).children()
  if (recipientInfo === undefined || others.length > 0) throw malformed('not exactly one recipient')
  const recipient = readRecipient(recipientInfo)
  const encrypted = body.take(tags.sequence).fields()
  body.end()
  if (oidString(encrypted.take(tags.oid)) !== oids.gmData) throw malformed('a content other than data')
  const iv = readCipher(encrypted.take(tags.sequence))
  const { content } = encrypted.take(contextTag(0, 'primitive'))
  // Behind the content the standard has room for sharedInfo; nobody here could say what it means.
  encrypted.end()
  if (content.length !== sealedContentLength) throw malformed(`a content of ${content.length} bytes`)
  const envelope = { ...recipient, iv, content }
  if (!sameBytes(encodeGmEnveloped(envelope), der)) throw malformed('not canonical')
  return envelope
}

function readRecipient(node: DerNode): Omit<GmEnveloped, 'iv' | 'content'> {
  if (node.tag !== tags.sequence) throw malformed('a recipient of another kind')
  const fields = node.fields()
  requireVersion(fields.take(tags.integer))
  const { issuer, serial } = readIssuerAndSerial(fields.take(tags.sequence))
  const keyAlgorithm = fields.take(tags.sequence).raw
  const encryptedKey = octets(fields.take(tags.octetString))
  fields.end()
  if (meaningOf(gmTransportAlgorithms, keyAlgorithm) === null) throw malformed('a key transport outside the profile')
  return { issuer, serial, keyAlgorithm, encryptedKey }
}

function readCipher(node: DerNode): Uint8Array {
  const cipher = node.fields()
  if (oidString(cipher.take(tags.oid)) !== oids.sm4Cbc) throw malformed('a cipher other than SM4-CBC')
  const iv = octets(cipher.take(tags.octetString))
  cipher.end()
  if (iv.length !== ivLength) throw malformed(`an IV of ${iv.length} bytes`)
  return iv
}

function requireVersion(node: DerNode): void {
  if (smallInteger(node) !== version) throw malformed('a version other than 1')
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `gm envelope: ${detail}`)
}
