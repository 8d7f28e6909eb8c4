import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { type Certificate, publicKeyOf } from '../cert/certificate.ts'
import { signDetachedCms, verifyDetachedCms } from '../cms/detached.ts'
import { checkEnvelopeCms, openEnvelopeCms, wrapKeyCms } from '../cms/envelope.ts'
import { CryptoFailure } from '../errors.ts'
import type { RunningDigest, Suite } from '../suite.ts'

const cipherName = 'aes-256-gcm'
const tagLength = 16
/** Every update allocates its output. Small pieces are cheaper in Electron, where a new MiB costs as much as its AES. */
const sliceLength = 256 * 1024
const authTag = { authTagLength: tagLength }

/** The suite `intl-1` (seal-format, "Suites"): SHA-256, HKDF, AES-256-GCM, CMS AuthEnvelopedData and SignedData. */
export const intl1: Suite = {
  id: 'intl-1',
  streamKeyLength: 32,
  createDigest,
  digest: (...pieces) => digestOf(pieces),
  hkdf: (key, salt, info, length) => new Uint8Array(hkdfSync('sha256', key, salt, info, length)),
  sealChunk,
  openChunk,
  leaf: (prefix, chunk) => digestOf([Uint8Array.of(prefix), chunk]),
  wrapKey: wrapKeyCms,
  checkEnvelope: checkEnvelopeCms,
  openEnvelope: openEnvelopeCms,
  signDetached: signDetachedCms,
  verifyDetached: verifyDetachedCms,
  requireKey,
}

function createDigest(): RunningDigest {
  const hash = createHash('sha256')
  return {
    update(bytes) {
      hash.update(bytes)
    },
    digest: () => plain(hash.digest()),
  }
}

function digestOf(pieces: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return plain(hash.digest())
}

function sealChunk(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  into = new Uint8Array(plaintext.length + tagLength),
): Uint8Array {
  const cipher = createCipheriv(cipherName, key, nonce, authTag)
  const sealed = into.subarray(0, plaintext.length + tagLength)
  for (let at = 0; at < plaintext.length; at += sliceLength) {
    sealed.set(cipher.update(plaintext.subarray(at, at + sliceLength)), at)
  }
  cipher.final()
  sealed.set(cipher.getAuthTag(), plaintext.length)
  return sealed
}

function openChunk(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  const length = sealed.length - tagLength
  if (length < 0) throw new CryptoFailure('seal.chunk', 'a chunk shorter than its tag')
  const decipher = createDecipheriv(cipherName, key, nonce, authTag)
  decipher.setAuthTag(sealed.subarray(length))
  const plaintext = decipher.update(sealed.subarray(0, length))
  try {
    decipher.final()
  } catch (error) {
    // Nothing of a chunk leaves before its tag is verified.
    plaintext.fill(0)
    throw new CryptoFailure('seal.chunk', 'a chunk’s tag does not hold', error)
  }
  return plain(plaintext)
}

/**
 * RSA from 2,048 bits signs and receives; P-256 and P-384 sign. Envelopes to EC certificates are read and checked, but
 * nobody may be made a recipient whom no lock of this program could open for.
 */
function requireKey(certificate: Certificate, use: 'sign' | 'decrypt'): void {
  publicKeyOf(certificate)
  if (use === 'decrypt' && certificate.key.kind !== 'rsa') {
    throw new CryptoFailure('cert.unsupported', 'envelopes are made to RSA certificates')
  }
}

/** The same memory as a plain array, so that nothing outside depends on node's Buffer. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}
