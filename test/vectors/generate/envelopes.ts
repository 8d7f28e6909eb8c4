import { constants, createCipheriv, createHash, createPublicKey, publicEncrypt } from 'node:crypto'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { oaepTransport, pkcs1Transport } from '../../../crypto/cms/algorithms.ts'
import { decodeAuthEnveloped, encodeAuthEnveloped, sealKey } from '../../../crypto/cms/auth-enveloped.ts'
import { decodeKeyTransport } from '../../../crypto/cms/key-transport.ts'
import { integer, integerFromOctets, octetString, oid, sequence } from '../../../crypto/der/writer.ts'
import { at, derBytes, derTree } from '../../fixtures/der-edit.ts'
import type { PracticeIdentity } from '../../fixtures/practice-ca.ts'
import { bytesFor } from './world.ts'

// Envelopes whose every byte follows from a name, so that a vector comes out the same each time.

/** Places inside an envelope. */
export const body = [1, 0]
export const recipientSet = [...body, 1]
export const recipient = [...recipientSet, 0]
export const encrypted = [...body, 2]
export const tag = [...body, 3]

/** An RSA envelope of 32 bytes, sound but for its padding if that is asked for. */
export function envelopeTo(
  name: string,
  { certificate, privateKey }: PracticeIdentity,
  key: Uint8Array,
  padding: 'oaep' | 'pkcs1' = 'oaep',
): Uint8Array {
  const contentKey = bytesFor(`content key ${name}`, 32)
  const { issuer, serial } = parseCertificate(certificate)
  const encryptedKey = encryptRaw(
    privateKey,
    padding === 'oaep' ? padOaep(name, contentKey) : padPkcs1(name, contentKey),
  )
  const info = sequence(
    integer(0),
    sequence(issuer, integerFromOctets(serial)),
    padding === 'oaep' ? oaepTransport : pkcs1Transport,
    octetString(encryptedKey),
  )
  return encodeAuthEnveloped(info, sealKey(contentKey, key, bytesFor(`nonce ${name}`, 12)))
}

/** The content key of an RSA envelope. */
export async function contentKeyOf(envelope: Uint8Array, to: PracticeIdentity): Promise<Uint8Array> {
  const { padding, encryptedKey } = decodeKeyTransport(decodeAuthEnveloped(envelope).recipientInfo)
  const opener = to.opener()
  return padding === 'oaep'
    ? opener.open({ kind: 'rsa-oaep-sha256', encryptedKey })
    : opener.open({ kind: 'rsa-pkcs1', encryptedKey, keyLength: 32 })
}

/** The envelope with another content of any length under the same content key, and a tag of any length. */
export async function withContent(
  envelope: Uint8Array,
  to: PracticeIdentity,
  content: Uint8Array,
  tagLength: 4 | 16 = 16,
): Promise<Uint8Array> {
  const { nonce } = decodeAuthEnveloped(envelope)
  const contentKey = await contentKeyOf(envelope, to)
  const cipher = createCipheriv('aes-256-gcm', contentKey, nonce, { authTagLength: tagLength })
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()])
  const tree = derTree(envelope)
  at(tree, [...encrypted, 2]).content = ciphertext
  at(tree, [...encrypted, 1, 1, 1]).content = Uint8Array.of(tagLength)
  at(tree, tag).content = cipher.getAuthTag()
  return derBytes(tree)
}

/** The same 32 bytes under AES-128-GCM, with a transported key of 16 bytes. */
export function aes128Envelope(name: string, to: PracticeIdentity, key: Uint8Array): Uint8Array {
  const contentKey = bytesFor(`content key ${name}`, 16)
  const nonce = bytesFor(`nonce ${name}`, 12)
  const cipher = createCipheriv('aes-128-gcm', contentKey, nonce)
  const ciphertext = Buffer.concat([cipher.update(key), cipher.final()])
  const tree = derTree(envelopeTo(name, to, key))
  at(tree, [...recipient, 3]).content = encryptRaw(to.privateKey, padOaep(name, contentKey))
  at(tree, [...encrypted, 1, 0]).content = oid('2.16.840.1.101.3.4.1.6').slice(2)
  at(tree, [...encrypted, 2]).content = ciphertext
  at(tree, tag).content = cipher.getAuthTag()
  return derBytes(tree)
}

function encryptRaw(privateKey: PracticeIdentity['privateKey'], block: Uint8Array): Uint8Array {
  return publicEncrypt({ key: createPublicKey(privateKey), padding: constants.RSA_NO_PADDING }, block)
}

/** RFC 8017, 7.1.1, for a modulus of 256 bytes and the empty label. */
function padOaep(name: string, message: Uint8Array): Uint8Array {
  const label = createHash('sha256').digest()
  const data = Buffer.concat([label, Buffer.alloc(256 - message.length - 66), Uint8Array.of(1), message])
  const seed = bytesFor(`seed ${name}`, 32)
  const maskedData = xor(data, maskOf(seed, data.length))
  return Buffer.concat([Uint8Array.of(0), xor(seed, maskOf(maskedData, 32)), maskedData])
}

/** RFC 8017, 7.2.1. */
function padPkcs1(name: string, message: Uint8Array): Uint8Array {
  const padding = bytesFor(`padding ${name}`, 253 - message.length).map(byte => byte | 1)
  return Buffer.concat([Uint8Array.of(0, 2), padding, Uint8Array.of(0), message])
}

/** MGF1 with SHA-256. */
function maskOf(seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256')
      .update(seed)
      .update(Uint8Array.of(0, 0, 0, index))
      .digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, index) => byte ^ (other[index] ?? 0))
}
