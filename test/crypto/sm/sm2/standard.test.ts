import { describe, expect, it } from 'vitest'
import {
  readSm2Cipher,
  readSm2Signature,
  sm2Decrypt,
  sm2Digest,
  sm2Encrypt,
  sm2PublicOf,
  sm2SignDigest,
  sm2VerifyDigest,
  sm2Z,
} from '../../../../crypto/sm/sm2/index.ts'
import { hex, scripted } from '../../../fixtures/sm2.ts'

// The worked examples of GB/T 32918.5-2017, annexes A and C.

const d = hex('3945208F 7B2144B1 3F36E38A C6D39F95 88939369 2860B51A 42FB81EF 4DF7C5B8')
const k = hex('59276E27 D506861A 16680F3A D9C02DCC EF3CC1FA 3CDBE4CE 6D54B80D EAC1BC21')
const publicPoint = hex(`04
  09F9DF31 1E5421A1 50DD7D16 1E4BC5C6 72179FAD 1833FC07 6BB08FF3 56F35020
  CCEA490C E26775A5 2DC6EA71 8CC1AA60 0AED05FB F35E084A 6632F607 2DA9AD13`)

describe('the digital signature of “message digest” by the identifier 1234567812345678', () => {
  const message = Buffer.from('message digest')
  const e = hex('F0B43E94 BA45ACCA ACE692ED 534382EB 17E6AB5A 19CE7B31 F4486FDF C0D28640')
  const r = hex('F5A03B06 48D2C463 0EEAC513 E1BB81A1 5944DA38 27D5B741 43AC7EAC EEE720B3')
  const s = hex('B1B6AA29 DF212FD8 763182BC 0D421CA1 BB9038FD 1F7F42D4 840B69C4 85BBC1AA')

  it('has this public key, Z and e', () => {
    expect(sm2PublicOf(d)).toEqual(publicPoint)
    expect(sm2Z(publicPoint)).toEqual(hex('B2E14C5C 79C6DF5B 85F4FE7E D8DB7A26 2B9DA7E0 7CCB0EA9 F4747B8C CDA8A4F3'))
    expect(sm2Z(publicPoint, Buffer.from('1234567812345678'))).toEqual(sm2Z(publicPoint))
    expect(sm2Digest(publicPoint, message)).toEqual(e)
  })

  it('is this r and s with the nonce written down, and verifies', () => {
    const signature = sm2SignDigest(d, e, scripted(k))
    expect(readSm2Signature(signature, 'der')).toEqual({ r, s })
    expect(sm2VerifyDigest(publicPoint, e, signature)).toBe(true)
  })

  it('is another one with every nonce of our own', () => {
    const signatures = [sm2SignDigest(d, e), sm2SignDigest(d, e)]
    expect(signatures[0]).not.toEqual(signatures[1])
    for (const signature of signatures) expect(sm2VerifyDigest(publicPoint, e, signature)).toBe(true)
  })
})

describe('the encryption of “encryption standard”', () => {
  const message = Uint8Array.from(Buffer.from('encryption standard'))

  it('is this point, digest and ciphertext with the nonce written down, and decrypts', () => {
    const cipher = sm2Encrypt(publicPoint, message, scripted(k))
    expect(readSm2Cipher(cipher, 'asn1')).toEqual({
      x: hex('04EBFC71 8E8D1798 62043226 8E77FEB6 415E2EDE 0E073C0F 4F640ECD 2E149A73'),
      y: hex('E858F9D8 1E5430A5 7B36DAAB 8F950A3C 64E6EE6A 63094D99 283AFF76 7E124DF0'),
      hash: hex('59983C18 F809E262 923C53AE C295D303 83B54E39 D609D160 AFCB1908 D0BD8766'),
      cipher: hex('21886CA9 89CA9C7D 58087307 CA93092D 651EFA'),
    })
    expect(sm2Decrypt(d, cipher)).toEqual(message)
  })

  it('is another one with every nonce of our own', () => {
    const ciphers = [sm2Encrypt(publicPoint, message), sm2Encrypt(publicPoint, message)]
    expect(ciphers[0]).not.toEqual(ciphers[1])
    for (const cipher of ciphers) expect(sm2Decrypt(d, cipher)).toEqual(message)
  })
})
