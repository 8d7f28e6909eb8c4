import { constants, publicEncrypt, randomBytes } from 'node:crypto'
import { type Certificate, publicKeyOf, sm2PointOf } from '../cert/certificate.ts'
import { agreeKey, decodeKeyAgreement } from '../cms/key-agreement.ts'
import { readDer } from '../der/reader.ts'
import type { KeyTransport } from '../envelope/key-opener.ts'
import type { Randomness } from '../io/ports.ts'
import { systemRandomness } from '../io/system.ts'
import { sm2Encrypt } from '../sm/sm2/index.ts'
import { sm4CbcEncrypt } from '../sm/sm4.ts'

/** Something a lock must be able to open, and what it must answer. */
export interface TrialEnvelope {
  readonly transport: KeyTransport
  /** 32 random bytes; nothing is protected by them. */
  readonly plaintext: Uint8Array
}

/**
 * What a lock is asked to open at its first use, in software, the telling one first: with what libraries have stumbled over
 * (a plaintext that begins with a zero, a point with a short coordinate), and without it. Empty for keys of another kind.
 */
export function trialEnvelopes(
  certificate: Certificate,
): { readonly hard: TrialEnvelope; readonly easy: TrialEnvelope } | null {
  switch (certificate.key.kind) {
    case 'rsa':
      return both(plaintext => rsaTransport(certificate, plaintext))
    case 'ec':
      return both(plaintext => agreement(certificate, plaintext))
    case 'sm2':
      return both((plaintext, hard) => sm2Envelope(certificate, plaintext, hard ? shortPoint : systemRandomness))
    case 'other':
      return null
  }
}

/** The same plaintext under OAEP, for the locks that open nothing else; RSA only. */
export function oaepEnvelope(certificate: Certificate, { plaintext }: TrialEnvelope): TrialEnvelope {
  const key = publicKeyOf(certificate)
  const padded = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
  return {
    plaintext,
    transport: { kind: 'rsa-oaep-sha256', encryptedKey: Uint8Array.from(publicEncrypt(padded, plaintext)) },
  }
}

function both(make: (plaintext: Uint8Array, hard: boolean) => KeyTransport): {
  readonly hard: TrialEnvelope
  readonly easy: TrialEnvelope
} {
  const [zero, plain] = [trialBytes(0), trialBytes(1)]
  return {
    hard: { plaintext: zero, transport: make(zero, true) },
    easy: { plaintext: plain, transport: make(plain, false) },
  }
}

/** Two of these never agree by chance, whatever their first byte is. */
function trialBytes(first: number): Uint8Array {
  const bytes = Uint8Array.from(randomBytes(32))
  bytes[0] = first
  return bytes
}

function rsaTransport(certificate: Certificate, plaintext: Uint8Array): KeyTransport {
  const key = publicKeyOf(certificate)
  const encryptedKey = Uint8Array.from(publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, plaintext))
  return { kind: 'rsa-pkcs1', encryptedKey, keyLength: plaintext.length }
}

function agreement(certificate: Certificate, plaintext: Uint8Array): KeyTransport {
  const { ephemeralPoint, wrappedKey } = decodeKeyAgreement(readDer(agreeKey(certificate, plaintext)))
  return { kind: 'ecdh-aes256-wrap', ephemeralPoint, wrappedKey }
}

/** As an envelope of gm-1 has it: SM2 gives the SM4 key, SM4 the plaintext. */
function sm2Envelope(certificate: Certificate, plaintext: Uint8Array, randomness: Randomness): KeyTransport {
  const [contentKey, iv] = [Uint8Array.from(randomBytes(16)), Uint8Array.from(randomBytes(16))]
  return {
    kind: 'sm2-sm4-cbc',
    encryptedKey: sm2Encrypt(sm2PointOf(certificate), contentKey, randomness),
    iv,
    content: sm4CbcEncrypt(contentKey, iv, plaintext),
  }
}

/** k = 327: the x coordinate of 327 G has 31 bytes. Good enough where there is no secret. */
const shortPoint: Randomness = {
  bytes(length) {
    const scalar = new Uint8Array(length)
    scalar.set([327 >> 8, 327 & 0xff], length - 2)
    return scalar
  },
}
