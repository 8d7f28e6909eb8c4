import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { basePoint, order, pointFrom, toBigInt, toBytes32 } from '../../../../crypto/sm/sm2/curve.ts'
import {
  generateSm2Key,
  readSm2Cipher,
  type Sm2Cipher,
  sm2Decrypt,
  sm2DecryptAny,
  sm2DecryptParts,
  sm2Encrypt,
  sm2PublicOf,
  writeSm2Cipher,
} from '../../../../crypto/sm/sm2/index.ts'
import { sm3 } from '../../../../crypto/sm/sm3.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { scalar, scripted } from '../../../fixtures/sm2.ts'

const d = generateSm2Key()
const publicPoint = sm2PublicOf(d)
const message = Uint8Array.from(randomBytes(16))
const der = sm2Encrypt(publicPoint, message)
const parts = readSm2Cipher(der, 'asn1')

function changed(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte))
}

/** What both sides compute from the nonce: x2 and y2. */
function sharedOf(k: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const { x, y } = pointFrom(publicPoint)?.multiplyUnsafe(toBigInt(k)).toAffine() ?? { x: 0n, y: 0n }
  return [toBytes32(x), toBytes32(y)]
}

/** A nonce whose key stream for one byte is zero (one in 256), or is not. */
function nonceOf(stream: 'zero' | 'usable'): Uint8Array {
  for (let number = 1; ; number += 1) {
    const k = scalar(number)
    const zero = sm3(...sharedOf(k), Uint8Array.of(0, 0, 0, 1))[0] === 0
    if (zero === (stream === 'zero')) return k
  }
}

describe('encryption', () => {
  it('opens with the key it was made for, at every length around a block of the key stream', () => {
    for (const length of [1, 15, 16, 31, 32, 33, 63, 64, 65, 1000]) {
      const text = Uint8Array.from(randomBytes(length))
      expect(sm2Decrypt(d, sm2Encrypt(publicPoint, text))).toEqual(text)
    }
  })

  it('refuses an empty message and a public key off the curve', () => {
    expectFailure('arguments.bad', () => sm2Encrypt(publicPoint, new Uint8Array(0)))
    expectFailure('cert.unsupported', () => sm2Encrypt(changed(publicPoint, 64), message))
    expectFailure('cert.unsupported', () => sm2Encrypt(Uint8Array.of(4, ...new Uint8Array(64)), message))
  })

  it('draws another nonce where the key stream would be zeros, and refuses such a ciphertext', () => {
    const k = nonceOf('zero')
    const usable = nonceOf('usable')
    const text = Uint8Array.of(0x5a)
    const cipher = sm2Encrypt(publicPoint, text, scripted(k, usable))
    expect(cipher).toEqual(sm2Encrypt(publicPoint, text, scripted(usable)))

    const [x2, y2] = sharedOf(k)
    const { x, y } = basePoint.multiply(toBigInt(k)).toAffine()
    const naked = { x: toBytes32(x), y: toBytes32(y), hash: sm3(x2, text, y2), cipher: text }
    expectFailure('seal.key-mismatch', () => sm2DecryptParts(d, naked))
  })
})

describe('decryption', () => {
  it('refuses another key, another digest (C3), another ciphertext (C2) and another point', () => {
    expectFailure('seal.key-mismatch', () => sm2Decrypt(generateSm2Key(), der))
    const other = readSm2Cipher(sm2Encrypt(publicPoint, message), 'asn1')
    const wrong: readonly Sm2Cipher[] = [
      { ...parts, hash: changed(parts.hash, 0) },
      { ...parts, hash: changed(parts.hash, 31) },
      { ...parts, cipher: changed(parts.cipher, 0) },
      { ...parts, cipher: parts.cipher.subarray(1) },
      { ...parts, x: other.x, y: other.y },
    ]
    for (const cipher of wrong) {
      expectFailure('seal.key-mismatch', () => sm2Decrypt(d, writeSm2Cipher(cipher, 'asn1')))
    }
  })

  it('refuses a point off the curve before the key touches it', () => {
    const detail = expectFailure('seal.key-mismatch', () =>
      sm2Decrypt(d, writeSm2Cipher({ ...parts, y: changed(parts.y, 31) }, 'asn1')),
    )
    expect(detail).toContain('not on the curve')
    const zero = { ...parts, x: new Uint8Array(32), y: new Uint8Array(32) }
    expectFailure('seal.key-mismatch', () => sm2Decrypt(d, writeSm2Cipher(zero, 'asn1')))
  })

  it('refuses what is no private key', () => {
    for (const wrong of [scalar(0), scalar(order), d.subarray(1)]) {
      expectFailure('cert.unsupported', () => sm2Decrypt(wrong, der))
    }
  })

  it('refuses every changed byte of the message', () => {
    for (let index = 0; index < der.length; index += 1) {
      expect(() => sm2Decrypt(d, changed(der, index)), `byte ${index}`).toThrow(
        /^(seal\.key-mismatch|document\.malformed)/,
      )
    }
  })
})

describe('decryption of any layout', () => {
  it('opens every layout, the older order of the parts as well', () => {
    for (const layout of ['asn1', '04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB'] as const) {
      expect(sm2DecryptAny(d, writeSm2Cipher(parts, layout)), layout).toEqual(message)
    }
  })

  it('refuses another key and what is no ciphertext', () => {
    for (const layout of ['asn1', '04C1C3C2', 'C1C2C3', 'ECCCIPHERBLOB'] as const) {
      const bytes = writeSm2Cipher(parts, layout)
      expectFailure('seal.key-mismatch', () => sm2DecryptAny(generateSm2Key(), bytes))
      expectFailure('seal.key-mismatch', () => sm2DecryptAny(d, changed(bytes, bytes.length - 1)))
    }
    expectFailure('document.malformed', () => sm2DecryptAny(d, new Uint8Array(200)))
    expectFailure('document.malformed', () => sm2DecryptAny(d, new Uint8Array(0)))
  })
})
