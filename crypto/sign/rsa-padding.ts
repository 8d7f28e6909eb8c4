import { createHash, randomBytes } from 'node:crypto'
import { concat } from '../der/writer.ts'

const hashLength = 32

/** DigestInfo of SHA-256 up to the digest itself (RFC 8017, 9.2, note 1). */
const sha256DigestInfo = Uint8Array.from(Buffer.from('3031300d060960864801650304020105000420', 'hex'))

/**
 * Takes a transported key out of an OAEP block (RFC 8017, 7.1.2 step 3; SHA-256, MGF1-SHA-256, empty label). `em` is the
 * result of raw RSA, as long as the modulus. Time and memory pattern do not depend on whether the padding holds: a bad one,
 * or a message of another length than `keyLength`, answers `fallback` (RFC 3218). The answer is a new array.
 */
export function decodeOaepSha256(
  em: Uint8Array,
  keyLength = 32,
  fallback: Uint8Array = randomBytes(keyLength),
): Uint8Array {
  const blockLength = em.length - hashLength - 1
  const messageStart = blockLength - keyLength
  if (messageStart < hashLength + 1) return Uint8Array.from(fallback)
  const maskedBlock = em.subarray(1 + hashLength)
  const seed = xor(em.subarray(1, 1 + hashLength), mgf1Sha256(maskedBlock, hashLength))
  const block = xor(maskedBlock, mgf1Sha256(seed, blockLength))
  const labelHash = sha256(new Uint8Array(0))
  let difference = em[0] ?? 1
  for (let index = 0; index < hashLength; index += 1) difference |= (block[index] ?? 0) ^ (labelHash[index] ?? 0)
  for (let index = hashLength; index < messageStart - 1; index += 1) difference |= block[index] ?? 0
  difference |= (block[messageStart - 1] ?? 0) ^ 1
  return choose(difference, block.subarray(messageStart), fallback)
}

/**
 * Takes a key of known length out of a PKCS#1 v1.5 block (RFC 8017, 7.2.2 step 3). As {@link decodeOaepSha256}: a bad
 * padding, or a message of another length, answers `fallback` after the same work.
 */
export function decodePkcs1(
  em: Uint8Array,
  keyLength: number,
  fallback: Uint8Array = randomBytes(keyLength),
): Uint8Array {
  const messageStart = em.length - keyLength
  if (messageStart < 11) return Uint8Array.from(fallback)
  let difference = (em[0] ?? 1) | ((em[1] ?? 0) ^ 2)
  for (let index = 2; index < messageStart - 1; index += 1) difference |= isZero(em[index] ?? 0)
  difference |= em[messageStart - 1] ?? 1
  return choose(difference, em.subarray(messageStart), fallback)
}

/** EMSA-PKCS1-v1_5 without its padding: what `CKM_RSA_PKCS` and node's private encryption pad themselves. */
export function digestInfoSha256(digest: Uint8Array): Uint8Array {
  return concat(sha256DigestInfo, digest)
}

/** EMSA-PSS (RFC 8017, 9.1.1) with SHA-256, MGF1-SHA-256 and a fresh salt of 32 bytes, for a modulus of `bits`. */
export function encodePssSha256(digest: Uint8Array, bits: number): Uint8Array {
  const length = Math.ceil((bits - 1) / 8)
  const salt = randomBytes(hashLength)
  const hash = sha256(new Uint8Array(8), digest, salt)
  const block = new Uint8Array(length - hashLength - 1)
  block[block.length - hashLength - 1] = 1
  block.set(salt, block.length - hashLength)
  const masked = xor(block, mgf1Sha256(hash, block.length))
  masked[0] = (masked[0] ?? 0) & (0xff >> (8 * length - (bits - 1)))
  const encoded = concat(masked, hash, Uint8Array.of(0xbc))
  // A modulus of 8k + 1 bits has one byte more than the encoding.
  return concat(new Uint8Array(Math.ceil(bits / 8) - length), encoded)
}

/** MGF1 (RFC 8017, B.2.1) with SHA-256. */
function mgf1Sha256(seed: Uint8Array, length: number): Uint8Array {
  const mask = new Uint8Array(Math.ceil(length / hashLength) * hashLength)
  for (let counter = 0; counter * hashLength < length; counter += 1) {
    const number = new Uint8Array(4)
    new DataView(number.buffer).setUint32(0, counter)
    mask.set(sha256(seed, number), counter * hashLength)
  }
  return mask.subarray(0, length)
}

/** `fallback` where any bit of `difference` is set, else `message`; without a branch on either. */
function choose(difference: number, message: Uint8Array, fallback: Uint8Array): Uint8Array {
  const bad = isZero(difference) - 1
  return Uint8Array.from(message, (byte, index) => (byte & ~bad) | ((fallback[index] ?? 0) & bad))
}

/** 1 for the byte 0, else 0; without a branch. */
function isZero(byte: number): number {
  return ((byte - 1) >>> 31) & 1
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Uint8Array.from(a, (byte, index) => byte ^ (b[index] ?? 0))
}

function sha256(...pieces: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}
