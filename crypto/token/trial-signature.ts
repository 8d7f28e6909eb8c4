import { constants, createHash, type KeyObject, verify } from 'node:crypto'
import { type Certificate, publicKeyOf, sm2PointOf } from '../cert/certificate.ts'
import type { SignatureAlgorithm } from '../sign/signer.ts'
import { sm2Digest, sm2VerifyDigest } from '../sm/sm2/index.ts'
import { sm3 } from '../sm/sm3.ts'

/** The digest that is signed for a message: SHA-256, or e = SM3(Z ‖ M) for a key of SM2. */
export function digestFor(certificate: Certificate, message: Uint8Array): Uint8Array {
  if (certificate.key.kind === 'sm2') return sm2Digest(sm2PointOf(certificate), message)
  return Uint8Array.from(createHash('sha256').update(message).digest())
}

/** Whether a signature of a message holds with a certificate's key, by the libraries of this program. */
export function signatureHolds(
  certificate: Certificate,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { key } = certificate
  if (key.kind === 'sm2') {
    return (
      algorithm === 'sm2-sm3' && sm2VerifyDigest(sm2PointOf(certificate), digestFor(certificate, message), signature)
    )
  }
  if (key.kind === 'other') return false
  // One library verifies a PSS signature without its leading zero, others do not: it has the length of the modulus.
  if (key.kind === 'rsa' && signature.length !== modulusLength(key.bits)) return false
  return nodeHolds(publicKeyOf(certificate), algorithm, message, signature)
}

/** Whether it is a signature of the digest's digest: the library has hashed what it was given. */
export function isHashedAgain(
  certificate: Certificate,
  algorithm: SignatureAlgorithm,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (certificate.key.kind !== 'sm2') return signatureHolds(certificate, algorithm, digest, signature)
  const point = sm2PointOf(certificate)
  return [sm3(digest), sm2Digest(point, digest)].some(again => sm2VerifyDigest(point, again, signature))
}

/** An RSA signature with the zeros before it that a library has left out; null where none can be missing. */
export function withZeros({ key }: Certificate, signature: Uint8Array): Uint8Array | null {
  const length = key.kind === 'rsa' ? modulusLength(key.bits) : 0
  if (signature.length >= length || signature.length < length - mostZeros) return null
  const whole = new Uint8Array(length)
  whole.set(signature, length - signature.length)
  return whole
}

function modulusLength(bits: number): number {
  return Math.ceil(bits / 8)
}

/** More zeros in a row than chance gives. */
const mostZeros = 8

function nodeHolds(key: KeyObject, algorithm: SignatureAlgorithm, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    switch (algorithm) {
      case 'rsa-pkcs1-sha256':
        return verify('sha256', message, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
      case 'rsa-pss-sha256':
        return verify('sha256', message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature)
      case 'ecdsa-sha256':
        return verify('sha256', message, key, signature)
      case 'sm2-sm3':
        return false
    }
  } catch {
    // A key of another kind than the algorithm's.
    return false
  }
}
