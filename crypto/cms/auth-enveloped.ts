import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { oids } from '../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../der/reader.ts'
import { octetString as octets, oidString, smallInteger } from '../der/values.ts'
import { context, contextPrimitive, integer, octetString, oid, sameBytes, sequence, tlv } from '../der/writer.ts'
import { CryptoFailure } from '../errors.ts'

/** Longest envelope, in bytes (seal-format, "JSON"). */
export const maxEnvelopeLength = 16 * 1024

/** Bytes of the enveloped key, and of the key that encrypts it. */
export const keyLength = 32

const nonceLength = 12
const tagLength = 16

/** The encrypted content of an intl-1 envelope. */
export interface SealedKey {
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

/** An intl-1 envelope taken apart: AuthEnvelopedData with one RecipientInfo of whatever kind (RFC 5083, RFC 5084). */
export interface AuthEnveloped extends SealedKey {
  readonly recipientInfo: DerNode
}

/** Encrypts the 32-byte key under a content key. The nonce is from node's generator unless given. */
export function sealKey(
  contentKey: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array = randomBytes(nonceLength),
): SealedKey {
  if (key.length !== keyLength) throw new CryptoFailure('internal', 'an envelope holds exactly 32 bytes')
  const cipher = createCipheriv('aes-256-gcm', contentKey, nonce, { authTagLength: tagLength })
  const ciphertext = cipher.update(key)
  cipher.final()
  return { nonce, ciphertext, tag: cipher.getAuthTag() }
}

/**
 * The 32 bytes, or 32 random ones when the content key is wrong: towards another party that must look like any other
 * wrong key (seal-format, "Order of checks"). `contentKey` is wiped.
 */
export function openKey({ nonce, ciphertext, tag }: SealedKey, contentKey: Uint8Array): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', contentKey, nonce, { authTagLength: tagLength })
    decipher.setAuthTag(tag)
    const key = decipher.update(ciphertext)
    decipher.final()
    return Uint8Array.from(key)
  } catch {
    return randomKey()
  } finally {
    contentKey.fill(0)
  }
}

/** What stands in for a key that could not be had. */
export function randomKey(): Uint8Array {
  return Uint8Array.from(randomBytes(keyLength))
}

/** The envelope as DER; `recipientInfo` is the DER of its RecipientInfo. */
export function encodeAuthEnveloped(recipientInfo: Uint8Array, { nonce, ciphertext, tag }: SealedKey): Uint8Array {
  const cipher = sequence(oid(oids.aes256Gcm), sequence(octetString(nonce), integer(tagLength)))
  const body = sequence(
    integer(0),
    tlv(tags.set, recipientInfo),
    sequence(oid(oids.data), cipher, contextPrimitive(0, ciphertext)),
    octetString(tag),
  )
  return sequence(oid(oids.authEnvelopedData), context(0, body))
}

/**
 * Reads an envelope and builds it again: any difference is refused, and so are a second recipient, originatorInfo,
 * attributes, another cipher, nonce or tag length, and a content of other than 32 bytes. The RecipientInfo is judged by
 * the caller. Throws `document.malformed`.
 */
export function decodeAuthEnveloped(der: Uint8Array): AuthEnveloped {
  if (der.length > maxEnvelopeLength) throw malformed('an envelope above 16 KiB')
  const outer = readDer(der).fields()
  if (oidString(outer.take(tags.oid)) !== oids.authEnvelopedData) throw malformed('no AuthEnvelopedData')
  const body = outer.take(contextTag(0)).only(tags.sequence).fields()
  outer.end()
  if (smallInteger(body.take(tags.integer)) !== 0) throw malformed('a version other than 0')
  const [recipientInfo, ...others] = body.take(tags.set).children()
  if (recipientInfo === undefined || others.length > 0) throw malformed('not exactly one recipient')
  const content = body.take(tags.sequence).fields()
  if (oidString(content.take(tags.oid)) !== oids.data) throw malformed('a content other than data')
  const nonce = readCipher(content.take(tags.sequence))
  const ciphertext = content.take(contextTag(0, 'primitive')).content
  content.end()
  const tag = octets(body.take(tags.octetString))
  body.end()
  if (ciphertext.length !== keyLength) throw malformed(`a content of ${ciphertext.length} bytes`)
  if (tag.length !== tagLength) throw malformed(`a tag of ${tag.length} bytes`)
  const envelope = { recipientInfo, nonce, ciphertext, tag }
  if (!sameBytes(encodeAuthEnveloped(recipientInfo.raw, envelope), der)) throw malformed('not canonical')
  return envelope
}

function readCipher(node: DerNode): Uint8Array {
  const cipher = node.fields()
  if (oidString(cipher.take(tags.oid)) !== oids.aes256Gcm) throw malformed('a cipher other than AES-256-GCM')
  const parameters = cipher.take(tags.sequence).fields()
  cipher.end()
  const nonce = octets(parameters.take(tags.octetString))
  if (nonce.length !== nonceLength) throw malformed('a nonce of other than 12 bytes')
  if (smallInteger(parameters.take(tags.integer)) !== tagLength) throw malformed('a tag of other than 16 bytes')
  parameters.end()
  return nonce
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `envelope: ${detail}`)
}
