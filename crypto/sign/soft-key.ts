import { constants, createPublicKey, type KeyObject, privateDecrypt, privateEncrypt, randomBytes } from 'node:crypto'
import { type Certificate, parseCertificate } from '../cert/certificate.ts'
import { sameBytes } from '../der/writer.ts'
import type { KeyOpener, KeyTransport } from '../envelope/key-opener.ts'
import { CryptoFailure } from '../errors.ts'
import { signEcdsaDigest } from './ecdsa.ts'
import { decodeOaepSha256, decodePkcs1, digestInfoSha256, encodePssSha256 } from './rsa-padding.ts'
import type { SignatureAlgorithm, Signer } from './signer.ts'

export interface SoftKey {
  /** DER. */
  readonly certificate: Uint8Array
  readonly privateKey: KeyObject
}

export interface SoftSigningKey extends SoftKey {
  /** DER, root excluded. */
  readonly intermediates: readonly Uint8Array[]
  /** Algorithms to offer, best first; without it all the key can do, PKCS#1 v1.5 before PSS. */
  readonly algorithms?: readonly SignatureAlgorithm[]
}

/**
 * A signer whose key is in this process: soft locks, the practice platform, tests. Throws `cert.unsupported` when the key
 * is not RSA, P-256 or P-384 or not the certificate's.
 */
export function softSigner({ certificate, intermediates, privateKey, algorithms }: SoftSigningKey): Signer {
  const { key } = requirePair(certificate, privateKey)
  const possible: readonly SignatureAlgorithm[] =
    key.kind === 'rsa' ? ['rsa-pkcs1-sha256', 'rsa-pss-sha256'] : ['ecdsa-sha256']
  return {
    certificate,
    intermediates,
    algorithms: algorithms ?? possible,
    sign(algorithm, digest) {
      if (!possible.includes(algorithm)) {
        return Promise.reject(new CryptoFailure('token.unsupported', `this key cannot do ${algorithm}`))
      }
      if (key.kind === 'ec') return Promise.resolve(signEcdsaDigest(privateKey, key.curve, digest))
      const bits = key.kind === 'rsa' ? key.bits : 0
      return Promise.resolve(signRsaDigest(privateKey, bits, algorithm, digest))
    },
  }
}

/**
 * An opener whose RSA key is in this process. Raw RSA and our own constant-time decoding, because newer nodes refuse
 * PKCS#1 v1.5 decryption and because a bad padding must answer a random key. Throws `cert.unsupported` as above.
 */
export function softKeyOpener({ certificate, privateKey }: SoftKey): KeyOpener {
  if (requirePair(certificate, privateKey).key.kind !== 'rsa') {
    throw new CryptoFailure('cert.unsupported', 'a soft key that opens envelopes is an RSA key')
  }
  return { certificate, open: transport => Promise.resolve(openTransport(privateKey, transport)) }
}

/** Opens a transported key with an RSA key in this process; see `KeyOpener.open` for bad padding. */
export function openTransport(privateKey: KeyObject, transport: KeyTransport): Uint8Array {
  const keyLength = transport.kind === 'rsa-pkcs1' ? transport.keyLength : 32
  const fallback = randomBytes(keyLength)
  const block = rawDecrypt(privateKey, transport.encryptedKey)
  try {
    return transport.kind === 'rsa-pkcs1'
      ? decodePkcs1(block, keyLength, fallback)
      : decodeOaepSha256(block, keyLength, fallback)
  } finally {
    block.fill(0)
  }
}

/** An encrypted key of another length than the modulus, or not below it, is no ciphertext: a block of zeros. */
function rawDecrypt(privateKey: KeyObject, encryptedKey: Uint8Array): Uint8Array {
  try {
    return privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encryptedKey)
  } catch {
    return new Uint8Array(encryptedKey.length)
  }
}

function signRsaDigest(
  privateKey: KeyObject,
  bits: number,
  algorithm: SignatureAlgorithm,
  digest: Uint8Array,
): Uint8Array {
  return Uint8Array.from(
    algorithm === 'rsa-pss-sha256'
      ? privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encodePssSha256(digest, bits))
      : privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, digestInfoSha256(digest)),
  )
}

function requirePair(certificateDer: Uint8Array, privateKey: KeyObject): Certificate {
  const certificate = parseCertificate(certificateDer)
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  if (!sameBytes(publicKey, certificate.publicKeyInfo)) {
    throw new CryptoFailure('cert.unsupported', 'the private key is not the certificate’s')
  }
  if (certificate.key.kind !== 'rsa' && certificate.key.kind !== 'ec') {
    throw new CryptoFailure('cert.unsupported', 'a soft key is an RSA, P-256 or P-384 key')
  }
  return certificate
}
