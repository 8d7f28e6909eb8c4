import { createCipheriv } from 'node:crypto'
import type { Suite } from '../../../crypto/suite.ts'

// One GCM ciphertext whose tag holds under two keys (Dodis, Grubbs, Ristenpart, Woodage: "Fast message franking", 2018):
// the tag is linear in every block of the ciphertext, so one block can be chosen to make the two tags equal.

export interface TwoKeyRequest {
  readonly suite: Suite
  readonly firstKey: Uint8Array
  readonly secondKey: Uint8Array
  readonly nonce: Uint8Array
  /** What the first key shall decrypt to, apart from the two blocks below. A multiple of 16 bytes. */
  readonly plaintext: Uint8Array
  /** Number of the block that the second key shall decrypt to `message`, 16 bytes. */
  readonly messageBlock: number
  readonly message: Uint8Array
  /** Number of the block that nobody chooses. */
  readonly freeBlock: number
}

/** The chunk, tag included, that both keys open. */
export function twoKeyChunk(request: TwoKeyRequest): Uint8Array {
  const { suite, firstKey, secondKey, nonce, plaintext, messageBlock, message, freeBlock } = request
  const blocks = plaintext.length / 16
  const zeros = new Uint8Array(plaintext.length)
  const [firstStream, secondStream] = [firstKey, secondKey].map(key => suite.sealChunk(key, nonce, zeros))
  if (firstStream === undefined || secondStream === undefined) throw new Error('two keys are needed')
  const ciphertext = xor(plaintext, firstStream.subarray(0, plaintext.length))
  ciphertext.set(xor(message, secondStream.subarray(messageBlock * 16, messageBlock * 16 + 16)), messageBlock * 16)
  ciphertext.fill(0, freeBlock * 16, freeBlock * 16 + 16)
  const firstTag = tagOf(suite, firstKey, nonce, ciphertext, firstStream)
  const secondTag = tagOf(suite, secondKey, nonce, ciphertext, secondStream)
  const power = blocks - freeBlock + 1
  const difference = raised(hashKey(suite, firstKey), power) ^ raised(hashKey(suite, secondKey), power)
  const free = times(firstTag ^ secondTag, inverse(difference))
  ciphertext.set(toBytes(free), freeBlock * 16)
  const tag = tagOf(suite, firstKey, nonce, ciphertext, firstStream)
  return Uint8Array.from(Buffer.concat([ciphertext, toBytes(tag)]))
}

function tagOf(suite: Suite, key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, stream: Uint8Array): bigint {
  const sealed = suite.sealChunk(key, nonce, xor(ciphertext, stream.subarray(0, ciphertext.length)))
  return toNumber(sealed.subarray(-16))
}

function hashKey(suite: Suite, key: Uint8Array): bigint {
  const cipher = createCipheriv(suite.id === 'gm-1' ? 'sm4-ecb' : 'aes-256-ecb', key, null).setAutoPadding(false)
  return toNumber(cipher.update(new Uint8Array(16)))
}

// GF(2^128) as GCM writes it (NIST SP 800-38D, 6.3): the first bit is the coefficient of x^0.
const one = 1n << 127n
const reduction = 0xe1n << 120n

function times(a: bigint, b: bigint): bigint {
  let product = 0n
  let shifted = b
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if (((a >> bit) & 1n) === 1n) product ^= shifted
    shifted = (shifted & 1n) === 1n ? (shifted >> 1n) ^ reduction : shifted >> 1n
  }
  return product
}

function raised(base: bigint, exponent: number | bigint): bigint {
  let result = one
  let square = base
  for (let rest = BigInt(exponent); rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = times(result, square)
    square = times(square, square)
  }
  return result
}

function inverse(value: bigint): bigint {
  return raised(value, 2n ** 128n - 2n)
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function toBytes(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(32, '0'), 'hex')
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0))
}
