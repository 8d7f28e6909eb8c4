import {
  constants,
  publicEncrypt,
  privateDecrypt,
  randomBytes,
  verify,
  createHash,
  createPublicKey,
  privateEncrypt,
} from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeOaepSha256, decodePkcs1, digestInfoSha256, encodePssSha256 } from '../../../crypto/sign/rsa-padding.ts'
import { testKey } from '../../fixtures/practice-ca.ts'

const privateKey = testKey('padding')
const publicKey = createPublicKey(privateKey)
const fallback = Uint8Array.from(randomBytes(32))
const message = Uint8Array.from(randomBytes(32))

const raw = (ciphertext: Uint8Array) =>
  Uint8Array.from(privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, ciphertext))
const oaepBlock = (plaintext: Uint8Array) =>
  raw(publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, plaintext))
const pkcs1Block = (plaintext: Uint8Array) =>
  raw(publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, plaintext))

describe('OAEP on the host', () => {
  it('gives the message that openssl encrypted', () => {
    for (let turn = 0; turn < 20; turn += 1) expect(decodeOaepSha256(oaepBlock(message), 32, fallback)).toEqual(message)
  })

  it('answers the fallback for every single-bit change of the block', () => {
    const block = oaepBlock(message)
    for (let bit = 0; bit < block.length * 8; bit += 1) {
      const changed = Uint8Array.from(block)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
      expect(decodeOaepSha256(changed, 32, fallback)).toEqual(fallback)
    }
  })

  it('answers the fallback for a message of another length and for a block too short', () => {
    expect(decodeOaepSha256(oaepBlock(message.subarray(0, 31)), 32, fallback)).toEqual(fallback)
    expect(decodeOaepSha256(oaepBlock(Uint8Array.of(1, ...message)), 32, fallback)).toEqual(fallback)
    expect(decodeOaepSha256(new Uint8Array(97), 32, fallback)).toEqual(fallback)
    expect(decodeOaepSha256(new Uint8Array(0), 32, fallback)).toEqual(fallback)
  })

  it('answers the fallback for another label or digest', () => {
    const labelled = { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
    const label = publicEncrypt({ ...labelled, oaepLabel: Buffer.from('x') }, message)
    expect(decodeOaepSha256(raw(label), 32, fallback)).toEqual(fallback)
    const sha1 = publicEncrypt({ ...labelled, oaepHash: 'sha1' }, message)
    expect(decodeOaepSha256(raw(sha1), 32, fallback)).toEqual(fallback)
  })

  it('makes a random fallback of its own when none is given', () => {
    const bad = new Uint8Array(256)
    expect(decodeOaepSha256(bad)).toHaveLength(32)
    expect(decodeOaepSha256(bad)).not.toEqual(decodeOaepSha256(bad))
  })
})

describe('PKCS#1 v1.5 on the host', () => {
  it('gives the message that openssl encrypted', () => {
    for (let turn = 0; turn < 20; turn += 1) expect(decodePkcs1(pkcs1Block(message), 32, fallback)).toEqual(message)
  })

  it('answers the fallback for broken framing', () => {
    const block = pkcs1Block(message)
    const broken = (place: number, value: number) => Uint8Array.from(block).fill(value, place, place + 1)
    expect(decodePkcs1(broken(0, 1), 32, fallback)).toEqual(fallback)
    expect(decodePkcs1(broken(1, 1), 32, fallback)).toEqual(fallback)
    for (let place = 2; place < 223; place += 1) expect(decodePkcs1(broken(place, 0), 32, fallback)).toEqual(fallback)
    expect(decodePkcs1(broken(223, 7), 32, fallback)).toEqual(fallback)
  })

  it('answers the fallback for a message of another length and for a block too short', () => {
    expect(decodePkcs1(pkcs1Block(message.subarray(1)), 32, fallback)).toEqual(fallback)
    expect(decodePkcs1(pkcs1Block(Uint8Array.of(1, ...message)), 32, fallback)).toEqual(fallback)
    expect(decodePkcs1(new Uint8Array(42), 32, fallback)).toEqual(fallback)
  })
})

describe('signature encodings', () => {
  const digest = createHash('sha256').update('标封').digest()

  it('are what openssl verifies', () => {
    const pkcs1 = privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, digestInfoSha256(digest))
    expect(verify('sha256', Buffer.from('标封'), publicKey, pkcs1)).toBe(true)
    const key = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    for (let turn = 0; turn < 10; turn += 1) {
      const block = encodePssSha256(digest, 2048)
      const pss = privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block)
      expect(verify('sha256', Buffer.from('标封'), key, pss)).toBe(true)
    }
  })

  it('are as long as the modulus for any length of it', () => {
    for (const [bits, length] of [
      [2047, 256],
      [2048, 256],
      [2049, 257],
      [2050, 257],
    ] as const) {
      const block = encodePssSha256(digest, bits)
      expect(block).toHaveLength(length)
      expect(BigInt(`0x${Buffer.from(block).toString('hex')}`).toString(2).length).toBeLessThanOrEqual(bits - 1)
    }
  })
})
