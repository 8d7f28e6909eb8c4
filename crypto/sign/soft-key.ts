import { constants, type KeyObject, privateDecrypt, privateEncrypt, randomBytes } from 'node:crypto'
import { type Certificate, parseCertificate } from '../cert/certificate.ts'
import { openSm2Content } from '../cms/gm/content.ts'
import { openAgreement } from '../cms/key-agreement.ts'
import { sameBytes } from '../der/writer.ts'
import type { EcTransport, KeyOpener, KeyTransport, Sm2Transport } from '../envelope/key-opener.ts'
import { CryptoFailure } from '../errors.ts'
import { sm2Decrypt, sm2SignDigest } from '../sm/sm2/index.ts'
import { agreeSecret, curveOf } from './ecdh.ts'
import { signEcdsaDigest } from './ecdsa.ts'
import { isSm2Key, type PrivateKey, publicKeyInfoOf, type Sm2PrivateKey } from './private-key.ts'
import { decodeOaepSha256, decodePkcs1, digestInfoSha256, encodePssSha256 } from './rsa-padding.ts'
import type { SignatureAlgorithm, Signer } from './signer.ts'

const sm4KeyLength = 16

export interface SoftKey {
  /** DER. */
  readonly certificate: Uint8Array
  readonly privateKey: PrivateKey
}

export interface SoftSigningKey extends SoftKey {
  /** DER, root excluded. */
  readonly intermediates: readonly Uint8Array[]
  /** Algorithms to offer, best first; without it all the key can do, PKCS#1 v1.5 before PSS. */
  readonly algorithms?: readonly SignatureAlgorithm[]
}

/**
 * A signer whose key is in this process: soft locks, the practice platform, tests. Throws `cert.unsupported` when the key
 * is not RSA, P-256, P-384 or SM2 or not the certificate's.
 */
export function softSigner({ certificate, intermediates, privateKey, algorithms }: SoftSigningKey): Signer {
  const { key } = requirePair(certificate, privateKey)
  const possible = algorithmsOf(key)
  return {
    certificate,
    intermediates,
    algorithms: algorithms ?? possible,
    sign(algorithm, digest) {
      if (!possible.includes(algorithm)) {
        return Promise.reject(new CryptoFailure('token.unsupported', `this key cannot do ${algorithm}`))
      }
      if (isSm2Key(privateKey)) return Promise.resolve(sm2SignDigest(privateKey.d, digest))
      if (key.kind === 'ec') return Promise.resolve(signEcdsaDigest(privateKey, key.curve, digest))
      const bits = key.kind === 'rsa' ? key.bits : 0
      return Promise.resolve(signRsaDigest(privateKey, bits, algorithm, digest))
    },
  }
}

/**
 * An opener whose key is in this process: RSA, P-256, P-384 or SM2. Throws `cert.unsupported` for another key and one that
 * is not the certificate's.
 */
export function softKeyOpener({ certificate, privateKey }: SoftKey): KeyOpener {
  requirePair(certificate, privateKey)
  return { certificate, open: transport => Promise.resolve(openTransport(privateKey, transport)) }
}

/**
 * Opens what an envelope asks for with a key in this process; see `KeyOpener.open` for bad padding. RSA is raw, with our own
 * constant-time decoding: newer nodes refuse PKCS#1 v1.5. Whatever is wrong with an EC or SM2 envelope answers 32 random
 * bytes. An envelope for another kind of key is `token.unsupported`.
 */
export function openTransport(privateKey: PrivateKey, transport: KeyTransport): Uint8Array {
  const { kind } = transport
  if (isSm2Key(privateKey)) return kind === 'sm2-sm4-cbc' ? openSm2(privateKey, transport) : refuse()
  if (kind === 'ecdh-aes256-wrap') return openEc(privateKey, transport)
  if (kind === 'sm2-sm4-cbc' || !isRsa(privateKey)) return refuse()
  const keyLength = transport.kind === 'rsa-pkcs1' ? transport.keyLength : 32
  const fallback = Uint8Array.from(randomBytes(keyLength))
  const block = rawDecrypt(privateKey, transport.encryptedKey)
  try {
    return transport.kind === 'rsa-pkcs1'
      ? decodePkcs1(block, keyLength, fallback)
      : decodeOaepSha256(block, keyLength, fallback)
  } finally {
    block.fill(0)
  }
}

function refuse(): never {
  throw new CryptoFailure('token.unsupported', 'the envelope is for another kind of key')
}

function openEc(privateKey: KeyObject, { ephemeralPoint, wrappedKey }: EcTransport): Uint8Array {
  const curve = curveOf(privateKey)
  if (curve === null) return refuse()
  const fallback = Uint8Array.from(randomBytes(32))
  const secret = agreeSecret(privateKey, curve, ephemeralPoint)
  try {
    return (secret === null ? null : openAgreement(secret, wrappedKey)) ?? fallback
  } finally {
    secret?.fill(0)
  }
}

function isRsa({ asymmetricKeyType }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa'
}

/** The two steps of an SKF lock (seal-format, "Envelope wrapping"): SM2 gives the SM4 key, SM4 gives the content. */
function openSm2(privateKey: Sm2PrivateKey, { encryptedKey, iv, content }: Sm2Transport): Uint8Array {
  const contentKey = sm4KeyIn(privateKey, encryptedKey)
  try {
    return openSm2Content(contentKey, iv, content) ?? Uint8Array.from(randomBytes(32))
  } finally {
    contentKey.fill(0)
  }
}

/** SECURITY: a ciphertext that does not open gives a random key, and the second step is done all the same (RFC 3218). */
function sm4KeyIn({ d }: Sm2PrivateKey, encryptedKey: Uint8Array): Uint8Array {
  try {
    const key = sm2Decrypt(d, encryptedKey)
    if (key.length === sm4KeyLength) return key
    key.fill(0)
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
  }
  return Uint8Array.from(randomBytes(sm4KeyLength))
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

function algorithmsOf({ kind }: Certificate['key']): readonly SignatureAlgorithm[] {
  if (kind === 'rsa') return ['rsa-pkcs1-sha256', 'rsa-pss-sha256']
  return kind === 'sm2' ? ['sm2-sm3'] : ['ecdsa-sha256']
}

function requirePair(certificateDer: Uint8Array, privateKey: PrivateKey): Certificate {
  const certificate = parseCertificate(certificateDer)
  if (certificate.key.kind === 'other') {
    throw new CryptoFailure('cert.unsupported', 'a soft key is an RSA, P-256, P-384 or SM2 key')
  }
  if (!sameBytes(publicKeyInfoOf(privateKey), certificate.publicKeyInfo)) {
    throw new CryptoFailure('cert.unsupported', 'the private key is not the certificate’s')
  }
  return certificate
}
