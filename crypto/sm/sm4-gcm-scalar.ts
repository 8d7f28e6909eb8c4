import { Ghash } from './gf128.ts'
import { sm3Leaf } from './sm3-leaf.ts'
import { bytesOf, cryptSm4Block, expandSm4Key, wordsOf } from './sm4-block.ts'
import { gcmLengths, gcmTagLength, type GcmWork } from './sm4-gcm-work.ts'
import { planeBlocks, sm4PlanesKeystream, wipeSm4Planes } from './sm4-planes.ts'

const groupLength = planeBlocks * 16

/** SM4-GCM in TypeScript, for a runtime without SIMD: slow, but as constant in time as the kernel. */
export function scalarGcm(key: Uint8Array, capacity: number): GcmWork {
  const roundKeys = expandSm4Key(key)
  const hashKey = cryptSm4Block(roundKeys, new Int32Array(4))
  const ghash = new Ghash(hashKey)
  const buffer = new Uint8Array(capacity + gcmTagLength)
  const stream = new Int32Array(planeBlocks * 4)
  let nonce = new Int32Array(3)
  let message = { additional: 0, length: 0 }

  const crypt = (length: number) => {
    for (let at = 0; at < length; at += groupLength) {
      sm4PlanesKeystream(roundKeys, nonce, 2 + (message.length + at) / 16, stream)
      const end = Math.min(groupLength, length - at)
      for (let index = 0; index < end; index++) {
        const byte = (stream[index >> 2] ?? 0) >>> (24 - 8 * (index & 3))
        buffer[at + index] = (buffer[at + index] ?? 0) ^ byte
      }
    }
  }
  return {
    buffer,
    begin(nonceBytes, additional) {
      const block = new Uint8Array(16)
      block.set(nonceBytes)
      nonce = wordsOf(block).slice(0, 3)
      ghash.take()
      ghash.update(additional)
      message = { additional: additional.length, length: 0 }
    },
    run(direction, length) {
      if (direction === 'seal') crypt(length)
      ghash.update(buffer.subarray(0, length))
      if (direction === 'open') crypt(length)
      message.length += length
    },
    finish() {
      ghash.update(gcmLengths(message.additional, message.length))
      const mask = cryptSm4Block(roundKeys, Int32Array.of(...nonce, 1))
      return bytesOf(ghash.take().map((word, index) => word ^ (mask[index] ?? 0)))
    },
    leaf: (prefix, length) => sm3Leaf(prefix, buffer.subarray(0, length), 'scalar'),
    wipe() {
      for (const secret of [roundKeys, hashKey, buffer, stream]) secret.fill(0)
      wipeSm4Planes()
    },
  }
}
