import { constants, createHash, publicEncrypt, timingSafeEqual } from 'node:crypto'
import { type Certificate, publicKeyOf, sm2PointOf } from '../cert/certificate.ts'
import { publicKeyBits } from '../cert/public-key.ts'
import { CryptoFailure } from '../errors.ts'
import { ecdsaHolds } from '../sign/ecdsa.ts'
import { digestInfoSha256 } from '../sign/rsa-padding.ts'
import type { SignatureAlgorithm } from '../sign/signer.ts'
import { sm2VerifyDigest } from '../sm/sm2/index.ts'

/**
 * Verifies in software what a token has signed, with the certificate it is said to belong to. Libraries have hashed what
 * was a hash already, or taken another key; such a lock cannot be used: `token.unsupported`.
 */
export function requireOwnSignature(
  certificate: Certificate,
  algorithm: SignatureAlgorithm,
  digest: Uint8Array,
  signature: Uint8Array,
): void {
  if (holds(certificate, algorithm, digest, signature)) return
  throw new CryptoFailure(
    'token.unsupported',
    'a signature made by the token does not verify with its certificate; the token cannot be used',
  )
}

function holds(
  certificate: Certificate,
  algorithm: SignatureAlgorithm,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { key } = certificate
  if (key.kind === 'rsa') return rsaHolds(certificate, key.bits, algorithm, digest, signature)
  if (key.kind === 'ec') {
    return algorithm === 'ecdsa-sha256' && ecdsaHolds(ecPointOf(certificate), key.curve, digest, signature)
  }
  if (key.kind !== 'sm2' || algorithm !== 'sm2-sm3') return false
  return sm2VerifyDigest(sm2PointOf(certificate), digest, signature)
}

/** The key is imported first: a point off its curve is no key. */
function ecPointOf(certificate: Certificate): Uint8Array {
  publicKeyOf(certificate)
  return publicKeyBits(certificate.publicKeyInfo)
}

function rsaHolds(
  certificate: Certificate,
  bits: number,
  algorithm: SignatureAlgorithm,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const length = Math.ceil(bits / 8)
  if (signature.length !== length) return false
  let block: Uint8Array
  try {
    block = publicEncrypt({ key: publicKeyOf(certificate), padding: constants.RSA_NO_PADDING }, signature)
  } catch {
    return false
  }
  if (algorithm === 'rsa-pkcs1-sha256') return timingSafeEqual(block, encodePkcs1(digest, length))
  return algorithm === 'rsa-pss-sha256' && verifyPss(block, bits, digest)
}

/** EMSA-PKCS1-v1_5 (RFC 8017, 9.2). */
function encodePkcs1(digest: Uint8Array, length: number): Uint8Array {
  const info = digestInfoSha256(digest)
  const block = new Uint8Array(length).fill(0xff)
  block.set([0, 1])
  block.set([0], length - info.length - 1)
  block.set(info, length - info.length)
  return block
}

const hashLength = 32
const saltLength = 32

/** EMSA-PSS-VERIFY (RFC 8017, 9.1.2) with SHA-256, MGF1-SHA-256 and a salt of exactly 32 bytes. */
function verifyPss(block: Uint8Array, bits: number, digest: Uint8Array): boolean {
  const length = Math.ceil((bits - 1) / 8)
  if (block.length > length && block[0] !== 0) return false
  const encoded = block.subarray(block.length - length)
  const masked = encoded.subarray(0, length - hashLength - 1)
  const hash = encoded.subarray(length - hashLength - 1, length - 1)
  const spare = 8 * length - (bits - 1)
  if (encoded[length - 1] !== 0xbc || ((masked[0] ?? 0) & ~(0xff >> spare) & 0xff) !== 0) return false
  const mask = mgf1(hash, masked.length)
  const plain = masked.map((byte, index) => byte ^ (mask[index] ?? 0))
  plain[0] = (plain[0] ?? 0) & (0xff >> spare)
  const zeros = plain.length - saltLength - 1
  if (zeros < 0 || plain[zeros] !== 1 || plain.subarray(0, zeros).some(byte => byte !== 0)) return false
  const salt = plain.subarray(zeros + 1)
  const expected = createHash('sha256').update(new Uint8Array(8)).update(digest).update(salt).digest()
  return timingSafeEqual(expected, hash)
}

function mgf1(seed: Uint8Array, length: number): Uint8Array {
  const mask = new Uint8Array(Math.ceil(length / hashLength) * hashLength)
  for (let counter = 0; counter * hashLength < length; counter += 1) {
    const number = new Uint8Array(4)
    new DataView(number.buffer).setUint32(0, counter)
    mask.set(createHash('sha256').update(seed).update(number).digest(), counter * hashLength)
  }
  return mask
}
