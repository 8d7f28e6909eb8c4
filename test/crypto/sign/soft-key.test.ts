import { constants, createHash, createPublicKey, publicEncrypt, randomBytes, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../crypto/cert/certificate.ts'
import { openEnvelopeCms, wrapKeyCms } from '../../../crypto/cms/envelope.ts'
import type { Sm2Transport } from '../../../crypto/envelope/key-opener.ts'
import { openTransport, softKeyOpener, softSigner } from '../../../crypto/sign/soft-key.ts'
import { sm2Encrypt, sm2VerifyDigest } from '../../../crypto/sm/sm2/index.ts'
import { sm4CbcEncrypt } from '../../../crypto/sm/sm4.ts'
import { expectFailure, expectRejection } from '../../fixtures/failure.ts'
import { gmCa, gmTestKey } from '../../fixtures/gm-ca.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const gm = gmCa()
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
    const other = gmTestKey('other')
    expectFailure('cert.unsupported', () => softSigner({ certificate, privateKey: other, intermediates: [] }))
    const { certificate: sm2 } = gm.bidder.sign
    expectFailure('cert.unsupported', () => softSigner({ certificate: sm2, privateKey: other, intermediates: [] }))
    expectFailure('cert.unsupported', () => softSigner({ certificate: sm2, privateKey, intermediates: [] }))
  })

  it('signs e with SM2 and nothing else', async () => {
    const signer = gm.bidder.sign.signer()
    expect(signer.algorithms).toEqual(['sm2-sm3'])
    const signature = await signer.sign('sm2-sm3', digest)
    expect(sm2VerifyDigest(sm2PointOf(parseCertificate(signer.certificate)), digest, signature)).toBe(true)
    await expectRejection('token.unsupported', signer.sign('ecdsa-sha256', digest))
    await expectRejection('token.unsupported', ca.bidder.sign.signer().sign('sm2-sm3', digest))
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

  it('with an EC key opens envelopes by key agreement and no others', async () => {
    const privateKey = testKey('soft', 'P-256')
    const { certificate } = ca.issue('soft', { profile: 'decrypt', publicKey: publicKeyInfo(privateKey) })
    const elliptic = softKeyOpener({ certificate, privateKey })
    const envelope = wrapKeyCms(secret, { recipient: parseCertificate(certificate), padding: 'oaep' })
    expect(await openEnvelopeCms(envelope, elliptic)).toEqual(secret)
    expectFailure('token.unsupported', () => openTransport(privateKey, { kind: 'rsa-oaep-sha256', encryptedKey: oaep }))
    const agreement = { kind: 'ecdh-aes256-wrap', ephemeralPoint: new Uint8Array(65), wrappedKey: new Uint8Array(40) }
    for (const other of [ca.bidder.decrypt.privateKey, gm.bidder.decrypt.privateKey]) {
      expectFailure('token.unsupported', () => openTransport(other, { ...agreement, kind: 'ecdh-aes256-wrap' }))
    }
  })
})

describe('a soft opener with an SM2 key', () => {
  const opener = gm.bidder.decrypt.opener()
  const point = sm2PointOf(parseCertificate(opener.certificate))
  const secret = Uint8Array.from(randomBytes(32))

  function transport(contentKey: Uint8Array, plain: Uint8Array = secret): Sm2Transport {
    const iv = Uint8Array.from(randomBytes(16))
    const key = new Uint8Array(16)
    key.set(contentKey.subarray(0, 16))
    const content = sm4CbcEncrypt(key, iv, plain)
    return { kind: 'sm2-sm4-cbc', encryptedKey: sm2Encrypt(point, contentKey), iv, content }
  }

  const good = transport(randomBytes(16))
  const flip = (bytes: Uint8Array, index: number) => bytes.map((byte, at) => (at === index ? byte ^ 1 : byte))

  it('opens an envelope as a lock does', async () => {
    expect(await opener.open(good)).toEqual(secret)
    expect(await opener.open(transport(new Uint8Array(16)))).toEqual(secret)
  })

  it('answers a new random key whatever is wrong with the envelope', async () => {
    const wrong: readonly Sm2Transport[] = [
      { ...good, encryptedKey: flip(good.encryptedKey, good.encryptedKey.length - 1) },
      { ...good, encryptedKey: flip(good.encryptedKey, 10) },
      { ...good, encryptedKey: new Uint8Array(0) },
      { ...good, iv: good.iv.subarray(1) },
      { ...good, content: flip(good.content, 47) },
      { ...good, content: good.content.subarray(16) },
      { ...good, content: good.content.subarray(1) },
      { ...good, content: new Uint8Array(0) },
      transport(randomBytes(16), secret.subarray(1)),
      transport(randomBytes(16), Uint8Array.from(randomBytes(33))),
      transport(randomBytes(15)),
      transport(randomBytes(17)),
      {
        ...good,
        encryptedKey: sm2Encrypt(sm2PointOf(parseCertificate(gm.rival.decrypt.certificate)), randomBytes(16)),
      },
    ]
    for (const each of wrong) {
      const answers = [await opener.open(each), await opener.open(each)]
      for (const answer of answers) {
        expect(answer).toHaveLength(32)
        expect(answer).not.toEqual(secret)
      }
      expect(answers[0]).not.toEqual(answers[1])
    }
  })

  it('and an RSA key do not open each other’s envelopes', () => {
    const rsa = { kind: 'rsa-oaep-sha256', encryptedKey: new Uint8Array(256) } as const
    expectFailure('token.unsupported', () => openTransport(gm.bidder.decrypt.privateKey, rsa))
    expectFailure('token.unsupported', () => openTransport(ca.bidder.decrypt.privateKey, good))
    expectFailure('token.unsupported', () => openTransport(testKey('soft', 'P-256'), good))
  })
})
