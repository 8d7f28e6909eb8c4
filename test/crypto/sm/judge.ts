import { createCipheriv, createHash, createHmac, getCiphers, getHashes } from 'node:crypto'
import { expect } from 'vitest'
import { sm4EncryptBlocks } from '../../../crypto/sm/sm4.ts'
import { randomFrom } from '../../setup/scale.ts'

// OpenSSL has SM3 and SM4, the BoringSSL of Electron has not: there the same answers are compared with what OpenSSL gave.

/** Bytes that are the same in every run, so that the stored answers hold. */
export function fixedBytes(length: number, start: number): Uint8Array {
  const random = randomFrom(start)
  return Uint8Array.from({ length }, () => random(256))
}

/** Collects answers: each is compared with OpenSSL's where it is at hand, and all together with the stored digest. */
export class Answers {
  readonly #all = createHash('sha256')

  /** `judge` computes the right one with node:crypto. */
  add(answer: Uint8Array, judge: () => Uint8Array, label = ''): void {
    this.#all.update(answer)
    if (hasSm) expect(hex(answer), label).toBe(hex(judge()))
  }

  /** The SHA-256 over all of them, as stored. */
  expectAll(digest: string): void {
    expect(this.#all.digest('hex')).toBe(digest)
  }
}

const hasSm = getHashes().includes('sm3') && getCiphers().includes('sm4-ctr')

/** SM3 by node:crypto. */
export const judgeSm3 = (bytes: Uint8Array): Uint8Array => createHash('sm3').update(bytes).digest()

/** HMAC-SM3 by node:crypto. */
export const judgeHmac = (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
  createHmac('sm3', key).update(bytes).digest()

/** SM4 by node:crypto, without padding unless told. */
export function judgeSm4(
  mode: 'ecb' | 'cbc' | 'ctr',
  key: Uint8Array,
  iv: Uint8Array | null,
  bytes: Uint8Array,
  pad = false,
): Uint8Array {
  const cipher = createCipheriv(`sm4-${mode}`, key, iv).setAutoPadding(pad)
  return Buffer.concat([cipher.update(bytes), cipher.final()])
}

/**
 * SM4-GCM out of ECB, bit by bit as NIST SP 800-38D, 6.3 to 7.1, writes it: slow, and of another kind than what it judges.
 */
export function judgeGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  additional: Uint8Array,
): Uint8Array {
  const counters = Buffer.alloc(16 * (Math.ceil(plaintext.length / 16) + 2))
  for (let block = 1; block * 16 < counters.length; block++) {
    counters.set(nonce, block * 16)
    counters.writeUInt32BE(block, block * 16 + 12)
  }
  const stream = sm4EncryptBlocks(key, counters)
  const sealed = Uint8Array.from(plaintext, (byte, index) => byte ^ stream[32 + index]!)
  const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 15)])
  const lengths = Buffer.alloc(16)
  lengths.writeBigUInt64BE(BigInt(additional.length) * 8n, 0)
  lengths.writeBigUInt64BE(BigInt(sealed.length) * 8n, 8)
  const input = Buffer.concat([padded(additional), padded(sealed), lengths])
  let sum = 0n
  for (let at = 0; at < input.length; at += 16) sum = product(sum ^ number(input.subarray(at, at + 16)), number(stream))
  const tag = (sum ^ number(stream.subarray(16))).toString(16).padStart(32, '0')
  return Buffer.concat([sealed, Buffer.from(tag, 'hex')])
}

/** Lower-case hex. */
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Bytes of hex. */
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${hex(bytes.subarray(0, 16))}`)
}

function product(x: bigint, y: bigint): bigint {
  let sum = 0n
  let v = y
  for (let bit = 127n; bit >= 0n; bit--) {
    if (((x >> bit) & 1n) === 1n) sum ^= v
    v = (v & 1n) === 1n ? (v >> 1n) ^ (0xe1n << 120n) : v >> 1n
  }
  return sum
}
