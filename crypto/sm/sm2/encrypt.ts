import { timingSafeEqual } from 'node:crypto'
import { concat } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import type { Randomness } from '../../io/ports.ts'
import { systemRandomness } from '../../io/system.ts'
import { sm3 } from '../sm3.ts'
import { readSm2Cipher, type Sm2Cipher, sm2CipherLayoutOf, writeSm2Cipher } from './cipher-layout.ts'
import {
  basePoint,
  type Point,
  pointFrom,
  randomScalar,
  requirePrivateScalar,
  requirePublicPoint,
  scalarLength,
  toBytes32,
} from './curve.ts'

/**
 * Encrypts a short message, a key as a rule, to a public key 04 ‖ x ‖ y (GB/T 32918.4, 6.1); answers SM2Cipher, DER.
 * `randomness` is for the standard's worked example. Throws `cert.unsupported` for a point that is not on the curve,
 * `arguments.bad` for an empty message.
 */
export function sm2Encrypt(
  publicPoint: Uint8Array,
  message: Uint8Array,
  randomness: Randomness = systemRandomness,
): Uint8Array {
  const recipient = requirePublicPoint(publicPoint)
  if (message.length === 0) throw new CryptoFailure('arguments.bad', 'SM2 does not encrypt an empty message')
  for (;;) {
    const k = randomScalar(randomness)
    const ephemeral = basePoint.multiply(k).toAffine()
    const shared = sharedBytes(recipient, k)
    const stream = keyStream(shared, message.length)
    // 6.1, step 5: a stream of zeros would show the message; a message of one byte meets it every 256 times.
    if (stream === null) continue
    const cipher = { x: toBytes32(ephemeral.x), y: toBytes32(ephemeral.y), hash: hashOf(shared, message) }
    const sealed = xor(message, stream)
    shared.fill(0)
    stream.fill(0)
    return writeSm2Cipher({ ...cipher, cipher: sealed }, 'asn1')
  }
}

/**
 * Decrypts an SM2Cipher (DER) with a private key of 32 bytes (GB/T 32918.4, 7.1). Throws `document.malformed` for what is
 * no SM2Cipher, `seal.key-mismatch` for a point outside the curve and for another key or message (C3), `cert.unsupported`
 * for a number that is no private key. The answer is the caller's to wipe.
 */
export function sm2Decrypt(d: Uint8Array, der: Uint8Array): Uint8Array {
  return sm2DecryptParts(d, readSm2Cipher(der, 'asn1'))
}

/** {@link sm2Decrypt} of a ciphertext taken apart. */
export function sm2DecryptParts(d: Uint8Array, { x, y, hash, cipher }: Sm2Cipher): Uint8Array {
  const secret = requirePrivateScalar(d)
  const point = pointFrom(concat(Uint8Array.of(4), x, y))
  if (point === null)
    throw new CryptoFailure('seal.key-mismatch', 'the point of the SM2 ciphertext is not on the curve')
  const shared = sharedBytes(point, secret)
  const stream = keyStream(shared, cipher.length)
  const message = xor(cipher, stream ?? new Uint8Array(cipher.length))
  const holds = hash.length === scalarLength && timingSafeEqual(hashOf(shared, message), hash)
  shared.fill(0)
  stream?.fill(0)
  if (stream !== null && holds) return message
  message.fill(0)
  throw new CryptoFailure('seal.key-mismatch', 'the SM2 ciphertext is not for this key')
}

/**
 * Decrypts a ciphertext of any layout: where bare parts leave open whether C3 stands before C2 or after, both are tried,
 * and C3 itself decides. For messages of other programs; a sealed bid has one layout. Throws as {@link sm2Decrypt}.
 */
export function sm2DecryptAny(d: Uint8Array, bytes: Uint8Array): Uint8Array {
  const layout = sm2CipherLayoutOf(bytes)
  try {
    return sm2DecryptParts(d, layout === null ? readSm2Cipher(bytes) : readSm2Cipher(bytes, layout))
  } catch (error) {
    if (layout === '04C1C3C2') return sm2DecryptParts(d, readSm2Cipher(bytes, '04C1C2C3'))
    if (layout === 'C1C3C2') return sm2DecryptParts(d, readSm2Cipher(bytes, 'C1C2C3'))
    throw error
  }
}

/** x2 ‖ y2 of the point both sides can compute. */
function sharedBytes(point: Point, scalar: bigint): Uint8Array {
  const { x, y } = point.multiply(scalar).toAffine()
  return concat(toBytes32(x), toBytes32(y))
}

/** C3 = SM3(x2 ‖ M ‖ y2). */
function hashOf(shared: Uint8Array, message: Uint8Array): Uint8Array {
  return sm3(shared.subarray(0, scalarLength), message, shared.subarray(scalarLength))
}

/** KDF (GB/T 32918.4, 5.4.3): SM3 over the shared bytes and a counter. Null where it is all zeros. */
function keyStream(shared: Uint8Array, length: number): Uint8Array | null {
  const stream = new Uint8Array(Math.ceil(length / scalarLength) * scalarLength)
  const counter = new Uint8Array(4)
  for (let index = 0; index * scalarLength < length; index += 1) {
    new DataView(counter.buffer).setUint32(0, index + 1)
    stream.set(sm3(shared, counter), index * scalarLength)
  }
  const used = stream.subarray(0, length)
  return used.reduce((bits, byte) => bits | byte, 0) === 0 ? null : used
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Uint8Array.from(a, (byte, index) => byte ^ (b[index] ?? 0))
}
