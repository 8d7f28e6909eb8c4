import { constants, publicEncrypt } from 'node:crypto'
import { type Certificate, publicKeyOf } from '../cert/certificate.ts'
import { type DerNode, tags } from '../der/reader.ts'
import { octetString as octets, smallInteger } from '../der/values.ts'
import { integer, octetString, sameBytes, sequence } from '../der/writer.ts'
import { CryptoFailure } from '../errors.ts'
import { type KeyPadding, meaningOf, oaepTransport, pkcs1Transport, transportAlgorithms } from './algorithms.ts'
import { encodeIssuerAndSerial, type IssuerAndSerial, readIssuerAndSerial } from './issuer-and-serial.ts'

/** A KeyTransRecipientInfo by issuer and serial (RFC 5652, 6.2.1), version 0. */
export interface KeyTransport extends IssuerAndSerial {
  readonly padding: KeyPadding
  readonly encryptedKey: Uint8Array
}

/** Encrypts a content key to an RSA certificate. Throws `cert.unsupported` for another key. */
export function transportKey(recipient: Certificate, padding: KeyPadding, contentKey: Uint8Array): Uint8Array {
  const key = publicKeyOf(recipient)
  if (recipient.key.kind !== 'rsa') throw new CryptoFailure('cert.unsupported', 'key transport needs an RSA key')
  const encryptedKey =
    padding === 'oaep'
      ? publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, contentKey)
      : publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, contentKey)
  const { issuer, serial } = recipient
  return encodeKeyTransport(padding === 'oaep' ? oaepTransport : pkcs1Transport, { issuer, serial, encryptedKey })
}

/** Reads a RecipientInfo of this kind and no other. Throws `document.malformed`. */
export function decodeKeyTransport(node: DerNode): KeyTransport {
  if (node.tag !== tags.sequence) throw malformed('a recipient of another kind')
  const fields = node.fields()
  if (smallInteger(fields.take(tags.integer)) !== 0) throw malformed('a recipient’s version other than 0')
  const { issuer, serial } = readIssuerAndSerial(fields.take(tags.sequence))
  const algorithm = fields.take(tags.sequence).raw
  const encryptedKey = octets(fields.take(tags.octetString))
  fields.end()
  const padding = meaningOf(transportAlgorithms, algorithm)
  if (padding === null) throw malformed('a key transport outside the profile')
  if (encryptedKey.length < 256) throw malformed('a transported key shorter than RSA-2048 makes')
  const transport = { issuer, serial, padding, encryptedKey }
  if (!sameBytes(encodeKeyTransport(algorithm, transport), node.raw)) throw malformed('not canonical')
  return transport
}

function encodeKeyTransport(algorithm: Uint8Array, parts: Omit<KeyTransport, 'padding'>): Uint8Array {
  return sequence(integer(0), encodeIssuerAndSerial(parts), algorithm, octetString(parts.encryptedKey))
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `envelope: ${detail}`)
}
