import { randomBytes } from 'node:crypto'
import { parseCertificate } from '../cert/certificate.ts'
import { contextTag, type DerNode } from '../der/reader.ts'
import { sameBytes } from '../der/writer.ts'
import type { KeyOpener, KeyTransport as OpenerRequest } from '../envelope/key-opener.ts'
import { CryptoFailure, recode } from '../errors.ts'
import type { EnvelopeRecipient, WrapOptions } from '../suite.ts'
import { decodeAuthEnveloped, encodeAuthEnveloped, keyLength, openKey, randomKey, sealKey } from './auth-enveloped.ts'
import { agreeKey, decodeKeyAgreement, type KeyAgreement } from './key-agreement.ts'
import { decodeKeyTransport, type KeyTransport, transportKey } from './key-transport.ts'

/** Envelopes 32 bytes to one RSA, P-256 or P-384 recipient, DER. Throws `cert.unsupported` for another key. */
export function wrapKeyCms(key: Uint8Array, { recipient, padding }: WrapOptions): Uint8Array {
  const contentKey = randomBytes(keyLength)
  try {
    const info =
      recipient.key.kind === 'ec' ? agreeKey(recipient, contentKey) : transportKey(recipient, padding, contentKey)
    return encodeAuthEnveloped(info, sealKey(contentKey, key))
  } finally {
    contentKey.fill(0)
  }
}

/** The CMS profile of an envelope and whom it is addressed to. Throws `seal.envelope`. */
export function checkEnvelopeCms(envelope: Uint8Array, recipient: EnvelopeRecipient): void {
  recode('seal.envelope', () => {
    const info = readRecipient(decodeAuthEnveloped(envelope).recipientInfo)
    if (!sameBytes(info.issuer, recipient.issuer) || !sameBytes(info.serial, recipient.serial)) {
      throw new CryptoFailure('seal.envelope', 'the envelope is addressed to another certificate')
    }
    if (info.kind === 'transport' && info.padding === 'pkcs1' && recipient.role === 'agency') {
      throw new CryptoFailure('seal.envelope', 'PKCS#1 v1.5 to an agency')
    }
  })
}

/**
 * Opens an envelope. Whatever is wrong with the bytes or the key answers 32 random bytes; only `token.*` and the
 * caller's own `cancelled` are thrown.
 */
export async function openEnvelopeCms(envelope: Uint8Array, opener: KeyOpener): Promise<Uint8Array> {
  try {
    const content = decodeAuthEnveloped(envelope)
    const recipient = readRecipient(content.recipientInfo)
    // An envelope for another kind of key is a stranger's: a lock is not asked for what it cannot be meant for.
    const { kind } = parseCertificate(opener.certificate).key
    if (kind !== (recipient.kind === 'agreement' ? 'ec' : 'rsa')) return randomKey()
    return openKey(content, await opener.open(requestOf(recipient)))
  } catch (error) {
    if (error instanceof CryptoFailure && (error.code.startsWith('token.') || error.code === 'cancelled')) throw error
    return randomKey()
  }
}

type Recipient = ({ readonly kind: 'transport' } & KeyTransport) | ({ readonly kind: 'agreement' } & KeyAgreement)

function readRecipient(info: DerNode): Recipient {
  return info.tag === contextTag(1)
    ? { kind: 'agreement', ...decodeKeyAgreement(info) }
    : { kind: 'transport', ...decodeKeyTransport(info) }
}

function requestOf(recipient: Recipient): OpenerRequest {
  if (recipient.kind === 'agreement') {
    const { ephemeralPoint, wrappedKey } = recipient
    return { kind: 'ecdh-aes256-wrap', ephemeralPoint, wrappedKey }
  }
  const { padding, encryptedKey } = recipient
  return padding === 'oaep' ? { kind: 'rsa-oaep-sha256', encryptedKey } : { kind: 'rsa-pkcs1', encryptedKey, keyLength }
}
