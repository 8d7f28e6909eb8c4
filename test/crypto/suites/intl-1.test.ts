import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { suiteById, suiteOfSignature } from '../../../crypto/suites/index.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const key = Uint8Array.from(randomBytes(32))
const nonce = Uint8Array.from(randomBytes(12))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('the suite intl-1', () => {
  it('digests with SHA-256, whole or piece by piece', () => {
    const running = intl1.createDigest()
    running.update(Buffer.from('标'))
    running.update(Buffer.from('封'))
    const whole = createHash('sha256').update('标封').digest('hex')
    expect(hex(running.digest())).toBe(whole)
    expect(hex(intl1.digest(Buffer.from('标'), Buffer.from('封')))).toBe(whole)
    expect(hex(intl1.digest())).toBe(createHash('sha256').digest('hex'))
    expect(hex(intl1.leaf(2, Buffer.from('x')))).toBe(createHash('sha256').update('\u0002x').digest('hex'))
  })

  it('seals and opens chunks of any length, and repeats itself for the same key and nonce', () => {
    for (const length of [0, 1, 15, 16, 17, 65_536]) {
      const plaintext = Uint8Array.from(randomBytes(length))
      const sealed = intl1.sealChunk(key, nonce, plaintext)
      expect(sealed).toHaveLength(length + 16)
      expect(intl1.sealChunk(key, nonce, plaintext)).toEqual(sealed)
      expect(intl1.openChunk(key, nonce, sealed)).toEqual(plaintext)
    }
  })

  it('refuses a chunk with any bit changed, another key or nonce, or shorter than its tag', () => {
    const sealed = intl1.sealChunk(key, nonce, Buffer.from('标封'))
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Uint8Array.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expectFailure('seal.chunk', () => intl1.openChunk(key, nonce, changed))
    }
    expectFailure('seal.chunk', () => intl1.openChunk(Uint8Array.from(randomBytes(32)), nonce, sealed))
    expectFailure('seal.chunk', () => intl1.openChunk(key, Uint8Array.from(randomBytes(12)), sealed))
    for (let length = 0; length < sealed.length; length += 1) {
      expectFailure('seal.chunk', () => intl1.openChunk(key, nonce, sealed.subarray(0, length)))
    }
  })

  it('derives keys as RFC 5869, test case 1', () => {
    const salt = Buffer.from('000102030405060708090a0b0c', 'hex')
    const info = Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex')
    expect(hex(intl1.hkdf(new Uint8Array(22).fill(0x0b), salt, info, 42))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    )
  })

  it('signs and receives with RSA, P-256 and P-384', () => {
    const certificates = (['P-256', 'P-384'] as const).map(curve =>
      parseCertificate(
        ca.issue('any', { profile: 'platform', publicKey: publicKeyInfo(testKey('any', curve)) }).certificate,
      ),
    )
    intl1.requireKey(parseCertificate(ca.receipt.certificate), 'sign')
    intl1.requireKey(parseCertificate(ca.receipt.certificate), 'decrypt')
    for (const certificate of certificates) {
      intl1.requireKey(certificate, 'sign')
      intl1.requireKey(certificate, 'decrypt')
    }
    const weak = ca.issue('weak', { profile: 'platform', publicKey: publicKeyInfo(testKey('weak', 'rsa-1024')) })
    expectFailure('cert.unsupported', () => {
      intl1.requireKey(parseCertificate(weak.certificate), 'sign')
    })
  })
})

describe('the table of suites', () => {
  it('knows a suite by its version string and by its signatures', async () => {
    expect(suiteById('intl-1')).toBe(intl1)
    for (const id of ['', 'intl-2', 'INTL-1', 'constructor']) expect(suiteById(id)).toBeNull()
    const signature = await intl1.signDetached(Buffer.from('x'), ca.bidder.sign.signer(), null)
    expect(suiteOfSignature(signature)).toBe(intl1)
    expect(suiteOfSignature(ca.root)).toBeNull()
    expect(suiteOfSignature(new Uint8Array(0))).toBeNull()
    const envelope = intl1.wrapKey(key, { recipient: parseCertificate(ca.agency.certificate), padding: 'oaep' })
    expect(suiteOfSignature(envelope)).toBeNull()
  })
})
