import { randomBytes } from 'node:crypto'
import { parseCertificate, sm2PointOf } from '../../cert/certificate.ts'
import { concat, sameBytes } from '../../der/writer.ts'
import type { KeyOpener } from '../../envelope/key-opener.ts'
import { CryptoFailure, recode } from '../../errors.ts'
import { readSm2Cipher, requirePublicPoint, sm2Encrypt, writeSm2Cipher } from '../../sm/sm2/index.ts'
import { sm4CbcEncrypt } from '../../sm/sm4.ts'
import type { EnvelopeRecipient, WrapOptions } from '../../suite.ts'
import { keyLength, randomKey } from '../auth-enveloped.ts'
import { sm2TransportAlgorithm } from './algorithms.ts'
import { decodeGmEnveloped, encodeGmEnveloped } from './enveloped-data.ts'

/** Bytes of an SM4 key, of an IV, and so of the transported key. */
const sm4Length = 16

/** Envelopes 32 bytes to one SM2 recipient, DER. Throws `cert.unsupported` for another key. */
export function wrapKeyGm(key: Uint8Array, { recipient }: Pick<WrapOptions, 'recipient'>): Uint8Array {
  if (key.length !== keyLength) throw new CryptoFailure('internal', 'an envelope holds exactly 32 bytes')
  const point = sm2PointOf(recipient)
  const contentKey = randomBytes(sm4Length)
  const iv = randomBytes(sm4Length)
  const { issuer, serial } = recipient
  try {
    return encodeGmEnveloped({
      issuer,
      serial,
      keyAlgorithm: sm2TransportAlgorithm,
      encryptedKey: sm2Encrypt(point, contentKey),
      iv,
      content: sm4CbcEncrypt(contentKey, iv, key),
    })
  } finally {
    contentKey.fill(0)
  }
}

/**
 * The profile of an envelope and whom it is addressed to; the ephemeral key must be a point of the curve, which no lock
 * need be asked for. Throws `seal.envelope`.
 */
export function checkEnvelopeGm(envelope: Uint8Array, recipient: EnvelopeRecipient): void {
  recode('seal.envelope', () => {
    const { issuer, serial, encryptedKey } = decodeGmEnveloped(envelope)
    if (!sameBytes(issuer, recipient.issuer) || !sameBytes(serial, recipient.serial)) {
      throw new CryptoFailure('seal.envelope', 'the envelope is addressed to another certificate')
    }
    requireSm2Cipher(encryptedKey)
  })
}

/**
 * Opens an envelope. Whatever is wrong with the bytes or the key answers 32 random bytes; only `token.*` and the
 * caller's own `cancelled` are thrown.
 */
export async function openEnvelopeGm(envelope: Uint8Array, opener: KeyOpener): Promise<Uint8Array> {
  try {
    const { encryptedKey, iv, content } = decodeGmEnveloped(envelope)
    // SECURITY: some locks answer anything for a point off the curve; they never see one.
    requireSm2Cipher(encryptedKey)
    // An SM2 envelope for a lock with another kind of key is a stranger's.
    if (parseCertificate(opener.certificate).key.kind !== 'sm2') return randomKey()
    const key = await opener.open({ kind: 'sm2-sm4-cbc', encryptedKey, iv, content })
    return key.length === keyLength ? key : randomKey()
  } catch (error) {
    if (error instanceof CryptoFailure && (error.code.startsWith('token.') || error.code === 'cancelled')) throw error
    return randomKey()
  }
}

/** SM2Cipher in its one encoding, of 16 bytes, with a point of the curve. Throws. */
function requireSm2Cipher(encryptedKey: Uint8Array): void {
  const parts = readSm2Cipher(encryptedKey, 'asn1')
  if (!sameBytes(writeSm2Cipher(parts, 'asn1'), encryptedKey))
    throw malformed('an SM2 ciphertext that is not canonical')
  if (parts.cipher.length !== sm4Length) throw malformed(`a transported key of ${parts.cipher.length} bytes`)
  requirePublicPoint(concat(Uint8Array.of(4), parts.x, parts.y))
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `gm envelope: ${detail}`)
}
