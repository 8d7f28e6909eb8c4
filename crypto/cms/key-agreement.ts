import { createECDH, createHash } from 'node:crypto'
import type { Certificate } from '../cert/certificate.ts'
import { importPublicKey, isEcPoint, publicKeyBits } from '../cert/public-key.ts'
import { oids } from '../der/oids.ts'
import { contextTag, type DerNode, tags } from '../der/reader.ts'
import { bitString as bits, octetString as octets, smallInteger } from '../der/values.ts'
import { bitString, context, integer, octetString, oid, sameBytes, sequence } from '../der/writer.ts'
import { CryptoFailure } from '../errors.ts'
import { curves } from '../sign/ec-curve.ts'
import { unwrapAes, wrapAes } from './aes-wrap.ts'
import { encodeIssuerAndSerial, type IssuerAndSerial, readIssuerAndSerial } from './issuer-and-serial.ts'

const keyWrap = sequence(oid(oids.aes256Wrap))
const keyEncryption = sequence(oid(oids.stdDhSha256Kdf), keyWrap)
const originatorAlgorithm = sequence(oid(oids.ecPublicKey))

/** ECC-CMS-SharedInfo (RFC 5753, 7.2): no entityUInfo, a key of 256 bits. */
const sharedInfo = sequence(keyWrap, context(2, octetString(Uint8Array.of(0, 0, 1, 0))))

/** Bytes of a 32-byte key wrapped by RFC 3394. */
const wrappedLength = 40

/** A KeyAgreeRecipientInfo, ephemeral-static ECDH (RFC 5753, 3.1.1), version 3. */
export interface KeyAgreement extends IssuerAndSerial {
  /** The ephemeral point, uncompressed, on P-256 (65 bytes) or P-384 (97). */
  readonly ephemeralPoint: Uint8Array
  readonly wrappedKey: Uint8Array
}

/** Encrypts a content key to a P-256 or P-384 certificate. Throws `cert.unsupported` for another key. */
export function agreeKey(recipient: Certificate, contentKey: Uint8Array): Uint8Array {
  const { key, publicKeyInfo, issuer, serial } = recipient
  if (key.kind !== 'ec') throw new CryptoFailure('cert.unsupported', 'key agreement needs an EC key')
  importPublicKey(publicKeyInfo, key)
  const ephemeral = createECDH(curves[key.curve].name)
  const ephemeralPoint = Uint8Array.from(ephemeral.generateKeys())
  const secret = ephemeral.computeSecret(publicKeyBits(publicKeyInfo))
  const keyEncryptionKey = deriveKey(secret)
  try {
    return encodeKeyAgreement({ issuer, serial, ephemeralPoint, wrappedKey: wrapAes(keyEncryptionKey, contentKey) })
  } finally {
    secret.fill(0)
    keyEncryptionKey.fill(0)
  }
}

/**
 * The content key behind an agreed secret (the x coordinate, as long as the curve's field): derives the wrapping key and
 * unwraps. Null when the secret or the wrapped key is not what the sender had; judged in constant time. The caller wipes
 * the secret and the answer.
 */
export function openAgreement(secret: Uint8Array, wrappedKey: Uint8Array): Uint8Array | null {
  const keyEncryptionKey = deriveKey(secret)
  try {
    return wrappedKey.length === wrappedLength ? unwrapAes(keyEncryptionKey, wrappedKey) : null
  } finally {
    keyEncryptionKey.fill(0)
  }
}

/** Reads a RecipientInfo of this kind and no other; the point must lie on its curve. Throws `document.malformed`. */
export function decodeKeyAgreement(node: DerNode): KeyAgreement {
  if (node.tag !== contextTag(1)) throw malformed('a recipient of another kind')
  const fields = node.fields()
  if (smallInteger(fields.take(tags.integer)) !== 3) throw malformed('a recipient’s version other than 3')
  const originator = fields.take(contextTag(0)).only(contextTag(1)).fields()
  originator.take(tags.sequence)
  const ephemeralPoint = bits(originator.take(tags.bitString))
  originator.end()
  if (!sameBytes(fields.take(tags.sequence).raw, keyEncryption)) throw malformed('a key agreement outside the profile')
  const key = fields.take(tags.sequence).only(tags.sequence).fields()
  fields.end()
  const { issuer, serial } = readIssuerAndSerial(key.take(tags.sequence))
  const wrappedKey = octets(key.take(tags.octetString))
  key.end()
  if (wrappedKey.length !== wrappedLength) throw malformed('a wrapped key of another length')
  requirePoint(ephemeralPoint)
  const agreement = { issuer, serial, ephemeralPoint, wrappedKey }
  if (!sameBytes(encodeKeyAgreement(agreement), node.raw)) throw malformed('a recipient outside the profile')
  return agreement
}

function encodeKeyAgreement({ ephemeralPoint, wrappedKey, ...recipient }: KeyAgreement): Uint8Array {
  return context(
    1,
    integer(3),
    context(0, context(1, originatorAlgorithm, bitString(ephemeralPoint))),
    keyEncryption,
    sequence(sequence(encodeIssuerAndSerial(recipient), octetString(wrappedKey))),
  )
}

/** A point off its curve would let a sender learn about the recipient's key. */
function requirePoint(point: Uint8Array): void {
  if (!isEcPoint(point, point.length === 65 ? 'P-256' : 'P-384')) throw malformed('an ephemeral key that is no point')
}

/** X9.63 key derivation with SHA-256, one block of it (SEC 1, 3.6.1). */
function deriveKey(secret: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(secret)
    .update(Uint8Array.of(0, 0, 0, 1))
    .update(sharedInfo)
    .digest()
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `envelope: ${detail}`)
}
