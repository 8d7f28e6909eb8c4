import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { chooseCertificate, keyOpenerFromToken, signerFromToken } from '../../../crypto/token/identities.ts'
import { usesOf } from '../../../crypto/token/key-use.ts'
import type { TokenCertificate, TokenSession } from '../../../crypto/token/port.ts'
import { expectFailure, expectRejection } from '../../fixtures/failure.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'

const { bidder, rival, root, intermediate } = practiceCa()

function entry(keyId: string, certificate: Uint8Array, label = keyId): TokenCertificate {
  return { keyId, label, certificate, uses: usesOf(parseCertificate(certificate)) }
}

const sign = entry('01', bidder.sign.certificate, '签名')
const decrypt = entry('02', bidder.decrypt.certificate)
const otherSign = entry('03', rival.sign.certificate)

const session: TokenSession = {
  certificates: () => Promise.resolve([]),
  algorithms: () => Promise.resolve(['rsa-pkcs1-sha256']),
  sign: keyId => Promise.resolve(Buffer.from(keyId, 'hex')),
  open: keyId => Promise.resolve(Buffer.from(keyId, 'hex')),
  close: () => Promise.resolve(),
}

describe('the certificate for a use', () => {
  it('is read from keyUsage: signing, encryption, none for a CA, both where there is no keyUsage', () => {
    expect(sign.uses).toEqual(['sign'])
    expect(decrypt.uses).toEqual(['decrypt'])
    expect(usesOf(parseCertificate(root))).toEqual([])
    expect(usesOf({ ...parseCertificate(bidder.sign.certificate), keyUsage: null })).toEqual(['sign', 'decrypt'])
  })

  it('is the only one that fits', () => {
    expect(chooseCertificate([sign, decrypt], 'sign')).toBe(sign)
    expect(chooseCertificate([sign, decrypt], 'decrypt')).toBe(decrypt)
  })

  it('is never guessed among several: an id or a label decides', () => {
    const detail = expectFailure('token.wrong-lock', () => chooseCertificate([sign, otherSign], 'sign'))
    expect(detail).toContain('2 signing certificates')
    expect(chooseCertificate([sign, otherSign], 'sign', { keyId: '03' })).toBe(otherSign)
    expect(chooseCertificate([sign, otherSign], 'sign', { object: '签名' })).toBe(sign)
  })

  it('is refused when the id names a key for the other use', () => {
    expectFailure('token.wrong-lock', () => chooseCertificate([sign, decrypt], 'decrypt', { keyId: '01' }))
  })
})

describe('a signer from a token', () => {
  it('takes its intermediates from the token and the pool, upwards, without the root', async () => {
    const signer = await signerFromToken(session, [sign, decrypt], {
      issuerPool: [root, rival.sign.certificate, intermediate],
    })
    expect(signer.intermediates.map(der => Buffer.from(der))).toEqual([Buffer.from(intermediate)])
    expect(signer.certificate).toBe(sign.certificate)
    expect(Buffer.from(await signer.sign('rsa-pkcs1-sha256', new Uint8Array(32)))).toEqual(Buffer.from([1]))
  })

  it('is refused when the token can do no algorithm known here', async () => {
    const without: TokenSession = { ...session, algorithms: () => Promise.resolve([]) }
    await expectRejection('token.unsupported', signerFromToken(without, [sign]))
  })
})

describe('an opener from a token', () => {
  it('uses the encryption key', async () => {
    const opener = keyOpenerFromToken(session, [sign, decrypt])
    expect(opener.certificate).toBe(decrypt.certificate)
    const opened = await opener.open({ kind: 'rsa-oaep-sha256', encryptedKey: new Uint8Array(256) })
    expect(Buffer.from(opened)).toEqual(Buffer.from([2]))
  })
})
