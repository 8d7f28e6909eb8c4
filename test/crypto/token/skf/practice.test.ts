import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../../crypto/cert/certificate.ts'
import { issueCertificate } from '../../../../crypto/cert/issue.ts'
import { openEnvelopeGm, wrapKeyGm } from '../../../../crypto/cms/gm/envelope.ts'
import { sm2VerifyDigest } from '../../../../crypto/sm/sm2/index.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import { parseTokenUri } from '../../../../crypto/token/uri.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa, gmOrganisation } from '../../../fixtures/gm-ca.ts'
import { practiceNotAfter, practiceNotBefore } from '../../../fixtures/practice-ca.ts'
import { digest, pin, useSkf } from './rig.ts'

const { intermediate, intermediateKey } = gmCa()
const options = { label: '演练', keyKind: 'sm2', pin, soPin: '87654321' } as const

function issue(publicKey: Uint8Array, profile: 'sign' | 'decrypt'): Uint8Array {
  return issueCertificate({
    subject: gmOrganisation('云岭建设集团有限公司'),
    publicKey,
    issuer: { certificate: intermediate, privateKey: intermediateKey },
    serial: randomBytes(8),
    notBefore: practiceNotBefore,
    notAfter: practiceNotAfter,
    profile,
  })
}

describe.each([
  ['packed', ''],
  ['natural', ''],
  ['minimal', ''],
  ['packed', 'global-current'],
] as const)('practice locks of a %s SKF library (%s)', (build, quirks) => {
  const rig = useSkf({ build, quirks })

  it('are made on a blank practice device only', async () => {
    const { skf, driver } = rig()
    skf.addBlank('KEY-REAL', 'A real CA')
    await expectRejection('token.not-blank', driver.initialisePracticeToken(options))
    expect(skf.calls()).not.toContain('SKF_DevAuth')
    skf.addBlank('KEY-NEW')
    await expectRejection('token.unsupported', driver.initialisePracticeToken({ ...options, keyKind: 'rsa-2048' }))
    expect(await driver.list()).toEqual([])
    const keys = await driver.initialisePracticeToken(options)
    expect(parseTokenUri(keys.tokenUri)).toMatchObject({ kind: 'skf', token: '演练', serial: 'KEY-NEW-0001' })
    await expectRejection('token.not-blank', driver.initialisePracticeToken(options))
    expect(await driver.list()).toMatchObject([{ label: '演练', certificates: [] }])
  })

  it('hold the certificates that are stored on them, once', async () => {
    const { skf, driver } = rig()
    skf.addBlank('KEY-NEW')
    const keys = await driver.initialisePracticeToken(options)
    const sign = issue(keys.sign.publicKey, 'sign')
    const decrypt = issue(keys.decrypt.publicKey, 'decrypt')
    const certificates = [
      { keyId: keys.sign.keyId, label: 'sign', certificate: sign },
      { keyId: keys.decrypt.keyId, label: 'decrypt', certificate: decrypt },
      { label: 'issuer', certificate: intermediate },
    ]
    const stranger = [{ keyId: '00', label: 'x', certificate: sign }]
    await expectRejection('token.wrong-lock', driver.storePracticeCertificates(keys.tokenUri, pin, stranger))
    await driver.storePracticeCertificates(keys.tokenUri, pin, certificates)
    await expectRejection('token.not-blank', driver.storePracticeCertificates(keys.tokenUri, pin, certificates))
    expect((await rig().token('KEY-NEW')).certificates).toHaveLength(3)
    await rig().withLogin('KEY-NEW', async session => {
      const found = await session.certificates()
      expect(found.map(({ keyId }) => keyId).slice(0, 2)).toEqual([keys.sign.keyId, keys.decrypt.keyId])
      const signer = await signerFromToken(session, found)
      const signature = await signer.sign('sm2-sm3', digest)
      expect(sm2VerifyDigest(sm2PointOf(parseCertificate(sign)), digest, signature)).toBe(true)
      const key = randomBytes(32)
      const envelope = wrapKeyGm(key, { recipient: parseCertificate(decrypt) })
      expect(key.equals(await openEnvelopeGm(envelope, keyOpenerFromToken(session, found)))).toBe(true)
    })
  })
})
