import { constants, createHash, createPublicKey, publicEncrypt, randomBytes, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { softKeyOpener, softSigner } from '../../../crypto/sign/soft-key.ts'
import { expectFailure, expectRejection } from '../../fixtures/failure.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const message = Buffer.from('标封')
const digest = createHash('sha256').update(message).digest()

describe('a soft signer', () => {
  it('signs a digest in every algorithm its key can do', async () => {
    const { privateKey } = ca.bidder.sign
    const signer = ca.bidder.sign.signer()
    expect(signer.algorithms).toEqual(['rsa-pkcs1-sha256', 'rsa-pss-sha256'])
    const key = createPublicKey(privateKey)
    expect(verify('sha256', message, key, await signer.sign('rsa-pkcs1-sha256', digest))).toBe(true)
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    expect(verify('sha256', message, pss, await signer.sign('rsa-pss-sha256', digest))).toBe(true)
  })

  it('signs with P-256 and P-384', async () => {
    for (const curve of ['P-256', 'P-384'] as const) {
      const privateKey = testKey('soft', curve)
      const { certificate } = ca.issue('soft', { profile: 'sign', publicKey: publicKeyInfo(privateKey) })
      const signer = softSigner({ certificate, privateKey, intermediates: [] })
      expect(signer.algorithms).toEqual(['ecdsa-sha256'])
      const signature = await signer.sign('ecdsa-sha256', digest)
      expect(verify('sha256', message, createPublicKey(privateKey), signature)).toBe(true)
    }
  })

  it('refuses an algorithm of another key and a key that is not the certificate’s', async () => {
    await expectRejection('token.unsupported', ca.bidder.sign.signer().sign('ecdsa-sha256', digest))
    const { certificate } = ca.bidder.sign
    const privateKey = ca.rival.sign.privateKey
    expectFailure('cert.unsupported', () => softSigner({ certificate, privateKey, intermediates: [] }))
  })
})

describe('a soft opener', () => {
  const opener = ca.bidder.decrypt.opener()
  const key = createPublicKey(ca.bidder.decrypt.privateKey)
  const secret = Uint8Array.from(randomBytes(32))
  const oaep = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, secret)
  const pkcs1 = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, secret)

  it('opens OAEP and PKCS#1 v1.5', async () => {
    expect(await opener.open({ kind: 'rsa-oaep-sha256', encryptedKey: oaep })).toEqual(secret)
    expect(await opener.open({ kind: 'rsa-pkcs1', encryptedKey: pkcs1, keyLength: 32 })).toEqual(secret)
  })

  it('answers a new random key for bad padding, another padding, and what is no ciphertext', async () => {
    const wrong = [pkcs1, new Uint8Array(256).fill(0xff), new Uint8Array(255), new Uint8Array(0), new Uint8Array(256)]
    for (const encryptedKey of wrong) {
      const answers = [
        await opener.open({ kind: 'rsa-oaep-sha256', encryptedKey }),
        await opener.open({ kind: 'rsa-oaep-sha256', encryptedKey }),
      ]
      for (const answer of answers) {
        expect(answer).toHaveLength(32)
        expect(answer).not.toEqual(secret)
      }
      expect(answers[0]).not.toEqual(answers[1])
    }
    expect(await opener.open({ kind: 'rsa-pkcs1', encryptedKey: oaep, keyLength: 32 })).not.toEqual(secret)
    expect(await opener.open({ kind: 'rsa-pkcs1', encryptedKey: pkcs1, keyLength: 16 })).toHaveLength(16)
  })

  it('is not made of an EC key', () => {
    const privateKey = testKey('soft', 'P-256')
    const { certificate } = ca.issue('soft', { profile: 'decrypt', publicKey: publicKeyInfo(privateKey) })
    expectFailure('cert.unsupported', () => softKeyOpener({ certificate, privateKey }))
  })
})
