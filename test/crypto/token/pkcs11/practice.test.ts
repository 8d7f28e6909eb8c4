import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issueCertificate } from '../../../../crypto/cert/issue.ts'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { encodeName } from '../../../../crypto/cert/name.ts'
import { gm1 } from '../../../../crypto/suites/gm-1.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import { openPkcs11Driver } from '../../../../crypto/token/pkcs11/driver.ts'
import type { TokenDriver } from '../../../../crypto/token/port.ts'
import type { Pkcs11Sm2 } from '../../../../crypto/token/profiles/driver-profile.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { practiceCa, practiceNotAfter, practiceNotBefore } from '../../../fixtures/practice-ca.ts'
import { type SoftPkcs11Quirk, withSoftPkcs11 } from '../../../fixtures/soft-pkcs11.ts'
import { makeSoftHsm, type SoftHsm } from '../../../fixtures/softhsm.ts'

const pin = '246810'
const digest = createHash('sha256').update('x').digest()
const ca = practiceCa()
let hsm: SoftHsm
let driver: TokenDriver

beforeAll(async () => {
  hsm = makeSoftHsm()
  process.env['SOFTHSM2_CONF'] = hsm.environment.SOFTHSM2_CONF
  driver = await openPkcs11Driver(hsm.modulePath)
})

afterAll(async () => {
  await driver.close()
  hsm.remove()
})

function issue(publicKey: Uint8Array, profile: 'sign' | 'decrypt'): Uint8Array {
  return issueCertificate({
    subject: encodeName([['CN', '云岭建设集团有限公司']]),
    publicKey,
    issuer: { certificate: ca.intermediate, privateKey: ca.intermediateKey },
    serial: randomBytes(8),
    notBefore: practiceNotBefore,
    notAfter: practiceNotAfter,
    profile,
  })
}

describe('a practice lock on a PKCS #11 token', () => {
  it('is made on a blank token, certified, and then signs; nothing is ever overwritten', async () => {
    expect(await driver.list()).toEqual([])
    const keys = await driver.initialisePracticeToken({ label: '演练锁', keyKind: 'rsa-2048', pin, soPin: '12345678' })
    const certificates = [
      { keyId: keys.sign.keyId, label: '签名', certificate: issue(keys.sign.publicKey, 'sign') },
      { keyId: keys.decrypt.keyId, label: '加密', certificate: issue(keys.decrypt.publicKey, 'decrypt') },
      { label: '签发', certificate: ca.intermediate },
    ]
    await driver.storePracticeCertificates(keys.tokenUri, pin, certificates)
    const [token] = await driver.list()
    expect(token).toMatchObject({ uri: keys.tokenUri, label: '演练锁' })
    expect(token?.certificates.map(({ label, uses }) => [label, ...uses])).toEqual(
      expect.arrayContaining([['签名', 'sign'], ['加密', 'decrypt'], ['签发']]),
    )
    const session = await driver.login(keys.tokenUri, pin)
    expect((await session.sign(keys.sign.keyId, 'rsa-pss-sha256', digest)).length).toBe(256)
    await session.close()
    await expectRejection('token.not-blank', driver.storePracticeCertificates(keys.tokenUri, pin, certificates))
  })

  it('takes the next blank slot and leaves the first lock alone', async () => {
    const before = await driver.list()
    await driver.initialisePracticeToken({ label: '演练锁', keyKind: 'rsa-2048', pin, soPin: '12345678' })
    const after = await driver.list()
    expect(after).toHaveLength(2)
    expect(after.map(({ serial }) => serial)).toEqual(expect.arrayContaining(before.map(({ serial }) => serial)))
  })

  it('refuses a label that does not fit and keys it cannot make, before anything is touched', async () => {
    const label = '很长的标签很长的标签很长的标签'
    const options = { label, keyKind: 'rsa-2048', pin, soPin: '12345678' } as const
    await expectRejection('arguments.bad', driver.initialisePracticeToken(options))
    const sm2 = { ...options, label: '演练锁', keyKind: 'sm2' } as const
    await expectRejection('token.unsupported', driver.initialisePracticeToken(sm2))
    expect(await driver.list()).toHaveLength(2)
  })
})

describe('an SM2 practice lock on a PKCS #11 token', () => {
  const gm = gmCa()
  const libraries: readonly (readonly SoftPkcs11Quirk[])[] = [
    [],
    ['no-ec-params', 'bare-ec-point'],
    ['no-id'],
    ['numbers=westone', 'sm2-message'],
    ['strip-zeros', 'sm2-raw', 'layout=ECCCIPHERBLOB'],
  ]

  it.each(libraries.map(quirks => [quirks.join(' ') || 'the usual', quirks] as const))(
    'is made as the profile says, certified, and signs and opens: %s',
    (_, quirks) =>
      withSoftPkcs11({ quirks }, async p11 => {
        p11.addBlank('blank')
        const soft = await openPkcs11Driver(p11.modulePath, p11.profile)
        const keys = await soft.initialisePracticeToken({ label: '国密演练锁', keyKind: 'sm2', pin, soPin: '12345678' })
        const certify = (publicKey: Uint8Array, profile: 'sign' | 'decrypt') =>
          gm.issue(`practice-${profile}`, { profile, publicKey }).certificate
        const certificates = [
          { keyId: keys.sign.keyId, label: '签名', certificate: certify(keys.sign.publicKey, 'sign') },
          { keyId: keys.decrypt.keyId, label: '加密', certificate: certify(keys.decrypt.publicKey, 'decrypt') },
          { label: '签发', certificate: gm.intermediate },
        ]
        await soft.storePracticeCertificates(keys.tokenUri, pin, certificates)
        await expectRejection('token.not-blank', soft.storePracticeCertificates(keys.tokenUri, pin, certificates))
        const session = await soft.login(keys.tokenUri, pin)
        const listed = await session.certificates()
        const signer = await signerFromToken(session, listed)
        gm1.verifyDetached(digest, await gm1.signDetached(digest, signer, null))
        const opener = keyOpenerFromToken(session, listed)
        const key = Uint8Array.from(randomBytes(32))
        const envelope = gm1.wrapKey(key, { recipient: parseCertificate(opener.certificate), padding: 'oaep' })
        expect(await gm1.openEnvelope(envelope, opener)).toEqual(key)
        await soft.close()
      }),
  )

  it('takes no certificate for a key that is not on it', () =>
    withSoftPkcs11({}, async p11 => {
      p11.addBlank('blank')
      const soft = await openPkcs11Driver(p11.modulePath, p11.profile)
      const keys = await soft.initialisePracticeToken({ label: 'x', keyKind: 'sm2', pin, soPin: '12345678' })
      const { certificate } = gm.bidder.sign
      const stored = soft.storePracticeCertificates(keys.tokenUri, pin, [{ keyId: '09', label: 'x', certificate }])
      await expectRejection('token.wrong-lock', stored)
      await soft.close()
    }))

  it('is not begun where the profile does not say how keys are made', () =>
    withSoftPkcs11({}, async p11 => {
      p11.addBlank('blank')
      const { sm2, ...others } = p11.profile
      const { generate, ...mute } = sm2 ?? { keyType: 0 }
      expect(generate).toBeTypeOf('number')
      const options = { label: 'x', keyKind: 'sm2', pin, soPin: '12345678' } as const
      for (const profile of [others, { ...others, sm2: mute as Pkcs11Sm2 }]) {
        const soft = await openPkcs11Driver(p11.modulePath, profile)
        p11.calls()
        expect(await expectRejection('token.unsupported', soft.initialisePracticeToken(options))).toContain('profile')
        expect(p11.calls()).toEqual([])
        await soft.close()
      }
    }))
})
