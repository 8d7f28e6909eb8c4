import { CryptoFailure } from '../errors.ts'
import { bytesOf, cryptSm4Block, expandSm4Key, requireSm4Block, sm4BlockLength, wordsOf } from './sm4-block.ts'

// The modes of GB/T 17964 for short things: keys in envelopes, foreign messages. For bids there is sm4-gcm.ts.

/** SM4-ECB of whole blocks. Throws `arguments.bad` for other lengths. */
export function sm4EncryptBlocks(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  return eachBlock(expandSm4Key(key), blocks, (block, crypt) => crypt(block))
}

/** The inverse of {@link sm4EncryptBlocks}. */
export function sm4DecryptBlocks(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  return eachBlock(expandSm4Key(key).reverse(), blocks, (block, crypt) => crypt(block))
}

/** SM4-CBC; PKCS#7 padding is put on, 1 to 16 bytes. */
export function sm4CbcEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const padding = sm4BlockLength - (plaintext.length % sm4BlockLength)
  const padded = new Uint8Array(plaintext.length + padding).fill(padding, plaintext.length)
  padded.set(plaintext)
  let last = wordsOf(requireSm4Block(iv))
  try {
    return eachBlock(expandSm4Key(key), padded, (block, crypt) => (last = crypt(added(block, last))))
  } finally {
    padded.fill(0)
  }
}

/**
 * SM4-CBC; the padding is left on, for the caller to judge. Throws `arguments.bad` for a ciphertext that is not whole
 * blocks.
 */
export function sm4CbcDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  let last = wordsOf(requireSm4Block(iv))
  return eachBlock(expandSm4Key(key).reverse(), ciphertext, (block, crypt) => {
    const plain = added(crypt(block), last)
    last = block
    return plain
  })
}

/** SM4-CTR, its own inverse. The 16 bytes of `counter` are one big-endian number, which counts blocks. */
export function sm4Ctr(key: Uint8Array, counter: Uint8Array, bytes: Uint8Array): Uint8Array {
  const roundKeys = expandSm4Key(key)
  const block = Uint8Array.from(requireSm4Block(counter))
  const answer = Uint8Array.from(bytes)
  for (let at = 0; at < bytes.length; at += sm4BlockLength) {
    const stream = bytesOf(cryptSm4Block(roundKeys, wordsOf(block)))
    const end = Math.min(sm4BlockLength, bytes.length - at)
    for (let index = 0; index < end; index++) answer[at + index] = (answer[at + index] ?? 0) ^ (stream[index] ?? 0)
    for (let index = 15, carry = 1; index >= 0; index--) {
      const sum = (block[index] ?? 0) + carry
      block[index] = sum
      carry = sum >> 8
    }
  }
  roundKeys.fill(0)
  return answer
}

type Step = (block: Int32Array, crypt: (block: Int32Array) => Int32Array) => Int32Array

function eachBlock(roundKeys: Int32Array, blocks: Uint8Array, step: Step): Uint8Array {
  if (blocks.length % sm4BlockLength !== 0) throw new CryptoFailure('arguments.bad', 'SM4 of a part of a block')
  const answer = new Uint8Array(blocks.length)
  for (let at = 0; at < blocks.length; at += sm4BlockLength) {
    const block = wordsOf(blocks.subarray(at, at + sm4BlockLength))
    answer.set(bytesOf(step(block, each => cryptSm4Block(roundKeys, each))), at)
  }
  roundKeys.fill(0)
  return answer
}

function added(a: Int32Array, b: Int32Array): Int32Array {
  return a.map((word, index) => word ^ (b[index] ?? 0))
}
