import { CryptoFailure } from '../errors.ts'
import { sboxPlanes } from './kernel/sbox.ts'

/** Bytes of a block, and of a key. */
export const sm4BlockLength = 16

/** FK (GB/T 32907-2016, 7.3). */
const systemParameters = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc]
const everyByte = 0x01010101
const planes = new Int32Array(8)

/** The 32 round keys of a key (7.3). Throws `arguments.bad` for another length than 16 bytes. */
export function expandSm4Key(key: Uint8Array): Int32Array {
  const k = wordsOf(requireSm4Block(key)).map((word, index) => word ^ (systemParameters[index] ?? 0))
  const roundKeys = new Int32Array(32)
  for (let round = 0; round < 32; round++) {
    const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = k
    const b = substitute(k1 ^ k2 ^ k3 ^ fixedParameter(round))
    const next = k0 ^ b ^ rotate(b, 13) ^ rotate(b, 23)
    roundKeys[round] = next
    k.copyWithin(0, 1)
    k[3] = next
  }
  k.fill(0)
  return roundKeys
}

/**
 * One block, answered as four words; `roundKeys` in reverse order decrypt. The S-box is a circuit and the work is the same
 * for every key and block: it takes microseconds, and is meant for single blocks.
 */
export function cryptSm4Block(roundKeys: Int32Array, block: Int32Array): Int32Array {
  let [x0 = 0, x1 = 0, x2 = 0, x3 = 0] = block
  for (const roundKey of roundKeys) {
    const b = substitute(x1 ^ x2 ^ x3 ^ roundKey)
    const x4 = x0 ^ b ^ rotate(b, 2) ^ rotate(b, 10) ^ rotate(b, 18) ^ rotate(b, 24)
    x0 = x1
    x1 = x2
    x2 = x3
    x3 = x4
  }
  planes.fill(0)
  return Int32Array.of(x3, x2, x1, x0)
}

/** The four words of 16 bytes. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, sm4BlockLength)
  return Int32Array.of(view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12))
}

/** The 16 bytes of four words. */
export function bytesOf(words: Int32Array): Uint8Array {
  const bytes = new Uint8Array(sm4BlockLength)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < 4; index++) view.setInt32(index * 4, words[index] ?? 0)
  return bytes
}

/** Refuses, with `arguments.bad`, a key, IV or block of another length. */
export function requireSm4Block(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== sm4BlockLength)
    throw new CryptoFailure('arguments.bad', 'SM4 keys, IVs and blocks have 16 bytes')
  return bytes
}

/** The S-box on the four bytes of a word: its bits as eight planes of four. */
function substitute(word: number): number {
  const input = word ^ 0x75757575
  for (let bit = 0; bit < 8; bit++) planes[bit] = (input >>> bit) & everyByte
  sboxPlanes(planes, 0)
  let output = 0
  for (let bit = 0; bit < 8; bit++) output |= (planes[bit] ?? 0) << bit
  return output ^ 0xd3d3d3d3
}

/** CK (7.3): byte j of word i is 7 * (4i + j). */
function fixedParameter(round: number): number {
  let word = 0
  for (let byte = 0; byte < 4; byte++) word = (word << 8) | (((4 * round + byte) * 7) & 255)
  return word
}

function rotate(value: number, count: number): number {
  return (value << count) | (value >>> (32 - count))
}
