import { createHash, randomBytes, sign as nodeSign, constants } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import type { SignatureAlgorithm } from '../../../crypto/sign/signer.ts'
import { sm2SignDigest } from '../../../crypto/sm/sm2/index.ts'
import { requireOwnSignature } from '../../../crypto/token/self-check.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const { bidder, rival } = practiceCa()
const certificate = parseCertificate(bidder.sign.certificate)
const message = randomBytes(50)
const digest = createHash('sha256').update(message).digest()
const key = bidder.sign.privateKey
const pss = (content: Uint8Array, saltLength: number): Uint8Array =>
  nodeSign('sha256', content, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })

describe('the check of a token’s own signature', () => {
  it('passes what the key behind the certificate has signed', () => {
    requireOwnSignature(certificate, 'rsa-pkcs1-sha256', digest, nodeSign('sha256', message, key))
    for (let round = 0; round < 20; round += 1)
      requireOwnSignature(certificate, 'rsa-pss-sha256', digest, pss(message, 32))
  })

  it('passes what an SM2 key has signed, and nothing else', () => {
    const { sign, decrypt } = gmCa().bidder
    const own = parseCertificate(sign.certificate)
    const signature = sm2SignDigest(sign.privateKey.d, digest)
    requireOwnSignature(own, 'sm2-sm3', digest, signature)
    const refused: readonly (readonly [SignatureAlgorithm, Uint8Array])[] = [
      ['sm2-sm3', sm2SignDigest(decrypt.privateKey.d, digest)],
      ['sm2-sm3', new Uint8Array(0)],
      ['sm2-sm3', nodeSign('sha256', message, key)],
      ['rsa-pkcs1-sha256', signature],
    ]
    for (const [algorithm, bytes] of refused) {
      expectFailure('token.unsupported', () => requireOwnSignature(own, algorithm, digest, bytes))
    }
    expectFailure('token.unsupported', () => requireOwnSignature(certificate, 'sm2-sm3', digest, signature))
  })

  it.each(['P-256', 'P-384'] as const)('passes what a key of %s has signed, and nothing else', curve => {
    const privateKey = testKey('self-check', curve)
    const issued = practiceCa().issue('self-check', { profile: 'sign', publicKey: publicKeyInfo(privateKey) })
    const own = parseCertificate(issued.certificate)
    const signature = nodeSign('sha256', message, privateKey)
    requireOwnSignature(own, 'ecdsa-sha256', digest, signature)
    const refused: readonly (readonly [SignatureAlgorithm, Uint8Array])[] = [
      ['ecdsa-sha256', nodeSign('sha256', digest, privateKey)],
      ['ecdsa-sha256', nodeSign('sha256', message, testKey('self-check-other', curve))],
      ['ecdsa-sha256', nodeSign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })],
      ['ecdsa-sha256', new Uint8Array(0)],
      ['rsa-pkcs1-sha256', signature],
      ['sm2-sm3', signature],
    ]
    for (const [algorithm, bytes] of refused) {
      expectFailure('token.unsupported', () => requireOwnSignature(own, algorithm, digest, bytes))
    }
  })

  it.each<[string, 'rsa-pkcs1-sha256' | 'rsa-pss-sha256', () => Uint8Array]>([
    ['another key', 'rsa-pkcs1-sha256', () => nodeSign('sha256', message, rival.sign.privateKey)],
    ['a library that has hashed the digest again', 'rsa-pkcs1-sha256', () => nodeSign('sha256', digest, key)],
    ['the other padding', 'rsa-pkcs1-sha256', () => pss(message, 32)],
    ['PSS over the digest hashed again', 'rsa-pss-sha256', () => pss(digest, 32)],
    ['PSS with another salt length', 'rsa-pss-sha256', () => pss(message, 20)],
    ['the other padding, for PSS', 'rsa-pss-sha256', () => nodeSign('sha256', message, key)],
    ['nothing', 'rsa-pss-sha256', () => new Uint8Array(0)],
    ['a number above the modulus', 'rsa-pkcs1-sha256', () => new Uint8Array(256).fill(255)],
  ])('refuses what comes from %s', (_name, algorithm, make) => {
    expectFailure('token.unsupported', () => requireOwnSignature(certificate, algorithm, digest, make()))
    expect(digest.length).toBe(32)
  })
})
