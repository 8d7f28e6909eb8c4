import { createHash, type KeyObject, randomBytes, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf } from '../../../../crypto/cert/certificate.ts'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { intl1 } from '../../../../crypto/suites/intl-1.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import { openSoftDriver } from '../../../../crypto/token/soft/driver.ts'
import { readSoftLock } from '../../../../crypto/token/soft/pkcs12-read.ts'
import { writeSoftLock } from '../../../../crypto/token/soft/pkcs12-write.ts'
import { softSession } from '../../../../crypto/token/soft/session.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../../fixtures/practice-ca.ts'

const ca = practiceCa()
const pin = '246810'
const message = new TextEncoder().encode('投标函')
const digest = createHash('sha256').update(message).digest()
const pkcs8 = (key: KeyObject): Uint8Array => key.export({ format: 'der', type: 'pkcs8' })

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-soft-ec-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['P-256', 'P-384'] as const)('a soft lock with keys of %s', curve => {
  const keys = (['sign', 'decrypt'] as const).map(use => {
    const privateKey = testKey(`soft-lock-${use}`, curve)
    const { certificate } = ca.issue('soft-lock', { profile: use, publicKey: publicKeyInfo(privateKey) })
    return { use, privateKey, certificate }
  })
  const path = () => join(folder, `${curve}.p12`)
  const [sign, decrypt] = keys

  beforeAll(() =>
    writeSoftLock(path(), {
      pin,
      label: 'EC',
      keys: keys.map(({ privateKey, ...rest }) => ({ ...rest, privateKey: pkcs8(privateKey) })),
      intermediates: [ca.intermediate],
    }),
  )

  it('signs as openssl verifies it, and opens an envelope made for it', async () => {
    const driver = await openSoftDriver(path())
    expect((await driver.list())[0]?.mechanisms).toEqual(['CKM_ECDSA', 'CKM_ECDH1_DERIVE'])
    const session = await driver.login(`p12:${path()}`, pin)
    const certificates = await session.certificates()
    const signer = await signerFromToken(session, certificates)
    expect(signer.algorithms).toEqual(['ecdsa-sha256'])
    const key = publicKeyOf(parseCertificate(sign?.certificate ?? new Uint8Array(0)))
    expect(verify('sha256', message, key, await signer.sign('ecdsa-sha256', digest))).toBe(true)
    const opener = keyOpenerFromToken(session, certificates)
    const secret = Uint8Array.from(randomBytes(32))
    const envelope = intl1.wrapKey(secret, { recipient: parseCertificate(opener.certificate), padding: 'oaep' })
    expect(await intl1.openEnvelope(envelope, opener)).toEqual(secret)
    const encryptedKey = new Uint8Array(256)
    await expectRejection('token.unsupported', session.open('02', { kind: 'rsa-oaep-sha256', encryptedKey }))
    await driver.close()
  })

  it('is read by openssl, and one of openssl’s is read here', () =>
    withOpenssl(async bench => {
      const all = bench.run('pkcs12', '-in', path(), '-nocerts', '-nodes', '-passin', `pass:${pin}`)
      expect(all.stdout.toString().match(/BEGIN PRIVATE KEY/g), all.stderr).toHaveLength(2)
      bench.put('key.pem', decrypt?.privateKey.export({ format: 'pem', type: 'pkcs8' }) ?? '')
      bench.put('cert.pem', toPem(decrypt?.certificate ?? new Uint8Array(0), 'CERTIFICATE'))
      const names = ['-inkey', 'key.pem', '-in', 'cert.pem', '-out', 'theirs.p12', '-passout', `pass:${pin}`]
      const made = bench.run('pkcs12', '-export', ...names)
      expect(made.ok, made.stderr).toBe(true)
      const session = softSession(readSoftLock(readFileSync(bench.path('theirs.p12')), pin))
      const opener = keyOpenerFromToken(session, await session.certificates())
      const secret = Uint8Array.from(randomBytes(32))
      const envelope = intl1.wrapKey(secret, { recipient: parseCertificate(opener.certificate), padding: 'oaep' })
      expect(await intl1.openEnvelope(envelope, opener)).toEqual(secret)
    }))
})
