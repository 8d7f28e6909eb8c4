import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { unwrapAes, wrapAes } from '../../../crypto/cms/aes-wrap.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const keyEncryptionKey = bytes('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f')

/** RFC 3394, 4.3, 4.5 and 4.6: the vectors with a wrapping key of 256 bits. */
const vectors = [
  ['00112233445566778899aabbccddeeff', '64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7'],
  [
    '00112233445566778899aabbccddeeff0001020304050607',
    'a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1',
  ],
  [
    '00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f',
    '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
  ],
] as const

describe('AES key wrap', () => {
  it.each(vectors)('wraps and unwraps as RFC 3394 does: %s', (key, wrapped) => {
    expect(wrapAes(keyEncryptionKey, bytes(key))).toEqual(bytes(wrapped))
    expect(unwrapAes(keyEncryptionKey, bytes(wrapped))).toEqual(bytes(key))
  })

  it('agrees with openssl', () => {
    for (let round = 0; round < 8; round += 1) {
      const [wrapping, key] = [randomBytes(32), Uint8Array.from(randomBytes(32))]
      // The program, not node: Electron's library does not have this mode.
      const line = ['enc', '-id-aes256-wrap', '-K', wrapping.toString('hex'), '-iv', 'a6'.repeat(8)]
      const theirs = Uint8Array.from(execFileSync('openssl', line, { input: key }))
      expect(wrapAes(wrapping, key)).toEqual(theirs)
      expect(unwrapAes(wrapping, theirs)).toEqual(key)
    }
  })

  it('gives nothing for another key, any bit changed, and lengths no wrapped key has', () => {
    const wrapped = bytes(vectors[2][1])
    expect(unwrapAes(randomBytes(32), wrapped)).toBeNull()
    for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
      const changed = Uint8Array.from(wrapped)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(unwrapAes(keyEncryptionKey, changed)).toBeNull()
    }
    for (const length of [0, 8, 16, 39]) expect(unwrapAes(keyEncryptionKey, wrapped.subarray(0, length))).toBeNull()
  })
})
