import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issueCertificate } from '../../../../crypto/cert/issue.ts'
import { encodeName } from '../../../../crypto/cert/name.ts'
import { openPkcs11Driver } from '../../../../crypto/token/pkcs11/driver.ts'
import type { TokenDriver } from '../../../../crypto/token/port.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { practiceCa, practiceNotAfter, practiceNotBefore } from '../../../fixtures/practice-ca.ts'
import { makeSoftHsm, type SoftHsm } from '../../../fixtures/softhsm.ts'

const pin = '246810'
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
    const digest = createHash('sha256').update('x').digest()
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
