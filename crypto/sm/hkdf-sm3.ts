import { CryptoFailure } from '../errors.ts'
import { hmacSm3 } from './hmac-sm3.ts'

const hashLength = 32

/**
 * HKDF (RFC 5869) with HMAC-SM3: `length` bytes. An empty salt is one of 32 zeros (2.2). Throws `arguments.bad` for more
 * than 255 times 32 bytes (2.3).
 */
export function hkdfSm3(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > 255 * hashLength) {
    throw new CryptoFailure('arguments.bad', 'HKDF gives at most 255 digests')
  }
  const pseudorandomKey = hmacSm3(salt.length === 0 ? new Uint8Array(hashLength) : salt, key)
  const output = new Uint8Array(length)
  let block: Uint8Array = new Uint8Array(0)
  for (let at = 0, number = 1; at < length; at += hashLength, number++) {
    const next = hmacSm3(pseudorandomKey, block, info, Uint8Array.of(number))
    output.set(next.subarray(0, length - at), at)
    block.fill(0)
    block = next
  }
  block.fill(0)
  pseudorandomKey.fill(0)
  return output
}
