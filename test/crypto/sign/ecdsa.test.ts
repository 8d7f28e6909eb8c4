import { createHash, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readDer } from '../../../crypto/der/reader.ts'
import { unsignedInteger } from '../../../crypto/der/values.ts'
import { integer, sequence } from '../../../crypto/der/writer.ts'
import { publicKeyBits } from '../../../crypto/cert/public-key.ts'
import { ecdsaHolds, hasLowS, signEcdsaDigest, withLowS } from '../../../crypto/sign/ecdsa.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const message = Buffer.from('标封')
const digest = createHash('sha256').update(message).digest()
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

function numbers(signature: Uint8Array): readonly [bigint, bigint] {
  const [r, s] = readDer(signature).children().map(unsignedInteger)
  return [r ?? 0n, s ?? 0n]
}

describe('ECDSA with a soft key', () => {
  it('makes signatures that openssl verifies, of a digest, on both curves', () => {
    for (const curve of ['P-256', 'P-384'] as const) {
      const key = testKey('ecdsa', curve)
      for (let turn = 0; turn < 20; turn += 1) {
        const signature = signEcdsaDigest(key, curve, digest)
        expect(verify('sha256', message, createPublicKey(key), signature)).toBe(true)
        expect(verify('sha256', message, createPublicKey(key), withLowS(signature, curve))).toBe(true)
        expect(hasLowS(withLowS(signature, curve), curve)).toBe(true)
      }
    }
  })

  it('never uses a nonce twice', () => {
    const key = testKey('ecdsa', 'P-256')
    const nonces = Array.from({ length: 20 }, () => numbers(signEcdsaDigest(key, 'P-256', digest))[0])
    expect(new Set(nonces).size).toBe(20)
  })
})

describe('low s', () => {
  it('begins at n/2', () => {
    expect(hasLowS(sequence(integer(1), integer(order / 2n)), 'P-256')).toBe(true)
    expect(hasLowS(sequence(integer(1), integer(order / 2n + 1n)), 'P-256')).toBe(false)
    const high = withLowS(sequence(integer(1), integer(order / 2n + 1n)), 'P-256')
    expect(numbers(high)[1]).toBe(order / 2n)
  })

  it('wants r and s between 1 and n − 1', () => {
    for (const [r, s] of [
      [0n, 1n],
      [1n, 0n],
      [order, 1n],
    ] as const) {
      expect(hasLowS(sequence(integer(r), integer(s)), 'P-256')).toBe(false)
    }
  })

  it('refuses what is not two integers', () => {
    expectFailure('document.malformed', () => hasLowS(sequence(integer(1)), 'P-256'))
    expectFailure('document.malformed', () => withLowS(sequence(integer(1), integer(1), integer(1)), 'P-256'))
    expectFailure('document.malformed', () => withLowS(new Uint8Array(64), 'P-256'))
  })
})

describe.each(['P-256', 'P-384'] as const)('the check of an ECDSA signature over a digest on %s', curve => {
  const key = testKey('ecdsa', curve)
  const point = publicKeyBits(publicKeyInfo(key))

  it('agrees with openssl on what openssl has signed, and on that with any part changed', () => {
    for (let round = 0; round < 40; round += 1) {
      const text = randomBytes(40)
      const hash = createHash('sha256').update(text).digest()
      const signature = Uint8Array.from(sign('sha256', text, key))
      expect(ecdsaHolds(point, curve, hash, signature)).toBe(true)
      expect(ecdsaHolds(point, curve, hash, withLowS(signature, curve))).toBe(true)
      const [r, s] = numbers(signature)
      const changed = [sequence(integer(r + 1n), integer(s)), sequence(integer(r), integer(s - 1n))]
      for (const each of changed) expect(ecdsaHolds(point, curve, hash, each)).toBe(false)
      expect(ecdsaHolds(point, curve, createHash('sha256').update(hash).digest(), signature)).toBe(false)
      const other = publicKeyBits(publicKeyInfo(testKey('ecdsa-other', curve)))
      expect(ecdsaHolds(other, curve, hash, signature)).toBe(false)
    }
  })

  it('refuses numbers out of range and bytes that are no signature', () => {
    const signature = signEcdsaDigest(key, curve, digest)
    const [r, s] = numbers(signature)
    const n = curve === 'P-256' ? order : 2n ** 384n - 1n
    const wrong = [
      sequence(integer(0), integer(s)),
      sequence(integer(r), integer(0)),
      sequence(integer(r + n), integer(s)),
      sequence(integer(r), integer(s + n)),
      sequence(integer(r), integer(s), integer(s)),
      signature.subarray(1),
      new Uint8Array(0),
      new Uint8Array(64),
    ]
    for (const each of wrong) expect(ecdsaHolds(point, curve, digest, each)).toBe(false)
    expect(ecdsaHolds(point, curve, new Uint8Array(32), signature)).toBe(false)
  })
})
