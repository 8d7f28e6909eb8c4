import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../../crypto/cert/certificate.ts'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { publicKeyInfoOf, writePrivateKey } from '../../../../crypto/sign/private-key.ts'
import { sm2Digest, sm2VerifyDigest } from '../../../../crypto/sm/sm2/index.ts'
import { gm1 } from '../../../../crypto/suites/gm-1.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import type { TokenDriver } from '../../../../crypto/token/port.ts'
import { openSoftDriver } from '../../../../crypto/token/soft/driver.ts'
import { readSoftLock } from '../../../../crypto/token/soft/pkcs12-read.ts'
import { softSession } from '../../../../crypto/token/soft/session.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'

const ca = gmCa()
const pin = '246810'
const label = '云岭建设 国密锁'
const message = new TextEncoder().encode('投标函')
const rsaTransport = { kind: 'rsa-oaep-sha256', encryptedKey: new Uint8Array(256) } as const

let folder: string
let path: string
let driver: TokenDriver

// Made the way a rehearsal makes one: keys on the lock, certificates for them, certificates onto the lock.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-soft-sm2-'))
  path = join(folder, 'bidder.p12')
  driver = await openSoftDriver(path)
  const keys = await driver.initialisePracticeToken({ label, keyKind: 'sm2', pin, soPin: '' })
  const issue = (name: string, profile: 'sign' | 'decrypt', publicKey: Uint8Array): Uint8Array =>
    ca.issue(name, { profile, publicKey }).certificate
  await driver.storePracticeCertificates(keys.tokenUri, pin, [
    { keyId: keys.sign.keyId, label: '签名', certificate: issue('soft-sign', 'sign', keys.sign.publicKey) },
    { keyId: keys.decrypt.keyId, label: '加密', certificate: issue('soft-decrypt', 'decrypt', keys.decrypt.publicKey) },
    { label: '签发', certificate: ca.intermediate },
  ])
})

afterAll(async () => {
  await driver.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a soft lock with SM2 keys', () => {
  it('is listed without its PIN, with certificates by use and the mechanisms SKF locks speak of', async () => {
    const [token] = await driver.list()
    expect(token).toMatchObject({ kind: 'soft', label })
    expect(token?.certificates.map(({ uses }) => uses)).toEqual([['decrypt'], ['sign'], []])
    expect(token?.mechanisms).toEqual(['SGD_SM2_1', 'SGD_SM2_3', 'SGD_SM3', 'SGD_SM4_CBC'])
  })

  it('signs e = SM3(Z ‖ M) as any program verifies it', async () => {
    const session = await driver.login(`p12:${path}`, pin)
    const signer = await signerFromToken(session, await session.certificates())
    expect(signer.algorithms).toEqual(['sm2-sm3'])
    const point = sm2PointOf(parseCertificate(signer.certificate))
    const e = sm2Digest(point, message)
    const signature = await signer.sign('sm2-sm3', e)
    expect(sm2VerifyDigest(point, e, signature)).toBe(true)
    await withOpenssl(bench => {
      bench.put('m', message)
      bench.put('s', signature)
      bench.put('c.pem', toPem(signer.certificate, 'CERTIFICATE'))
      const how = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678']
      const run = bench.run('pkeyutl', '-verify', '-certin', '-inkey', 'c.pem', '-in', 'm', '-sigfile', 's', ...how)
      expect(run.stdout.toString()).toContain('Signature Verified Successfully')
    })
    await session.close()
  })

  it('signs a document of the suite with its chain, and opens an envelope made for it', async () => {
    const session = await driver.login(`p12:${path}`, pin)
    const certificates = await session.certificates()
    const signature = await gm1.signDetached(message, await signerFromToken(session, certificates), null)
    const { intermediates } = gm1.verifyDetached(message, signature)
    expect(intermediates.map(({ der }) => Buffer.from(der))).toEqual([Buffer.from(ca.intermediate)])
    const opener = keyOpenerFromToken(session, certificates)
    const key = createHash('sha256').update('part key').digest()
    const envelope = gm1.wrapKey(key, { recipient: parseCertificate(opener.certificate), padding: 'oaep' })
    expect(Buffer.from(await gm1.openEnvelope(envelope, opener))).toEqual(key)
    await session.close()
  })

  it('refuses what SM2 keys cannot do, and everything once it is closed', async () => {
    const session = await driver.login(`p12:${path}`, pin)
    const e = new Uint8Array(32).fill(1)
    await expectRejection('token.unsupported', session.sign('01', 'rsa-pkcs1-sha256', e))
    await expectRejection('token.unsupported', session.open('02', rsaTransport))
    await expectRejection('token.wrong-lock', session.sign('02', 'sm2-sm3', e))
    await expectRejection('arguments.bad', session.sign('01', 'sm2-sm3', e.subarray(1)))
    await session.close()
    await expectRejection('token.removed', session.sign('01', 'sm2-sm3', e))
  })

  it('leaves no private key in the memory of a closed session', async () => {
    const lock = readSoftLock(readFileSync(path), pin)
    const session = softSession(lock)
    await session.close()
    expect(lock.keys).toHaveLength(2)
    for (const { privateKey } of lock.keys)
      expect('d' in privateKey && privateKey.d.every(byte => byte === 0)).toBe(true)
  })

  it('is read by openssl, the encryption key first', async () => {
    await withOpenssl(bench => {
      const keys = bench.run('pkcs12', '-in', path, '-nocerts', '-nodes', '-passin', `pass:${pin}`)
      expect(keys.ok, keys.stderr).toBe(true)
      expect(keys.stdout.toString().match(/BEGIN PRIVATE KEY/g)).toHaveLength(2)
      bench.put('keys.pem', keys.stdout)
      const first = bench.run('pkey', '-in', 'keys.pem', '-pubout', '-outform', 'DER')
      const [decrypt] = readSoftLock(readFileSync(path), pin).keys
      expect(decrypt && Buffer.from(publicKeyInfoOf(decrypt.privateKey))).toEqual(first.stdout)
      const whole = bench.run('pkcs12', '-in', path, '-nodes', '-passin', `pass:${pin}`)
      expect(whole.stdout.toString().match(/BEGIN CERTIFICATE/g)).toHaveLength(3)
    })
  })

  it('can be one that openssl has made', async () => {
    const { certificate, privateKey } = ca.bidder.sign
    await withOpenssl(async bench => {
      bench.put('key.pem', toPem(writePrivateKey(privateKey), 'PRIVATE KEY'))
      bench.put('cert.pem', toPem(certificate, 'CERTIFICATE'))
      const names = ['-inkey', 'key.pem', '-in', 'cert.pem', '-name', '国密锁']
      const made = bench.run('pkcs12', '-export', ...names, '-out', 'theirs.p12', '-passout', `pass:${pin}`)
      expect(made.ok, made.stderr).toBe(true)
      const session = softSession(readSoftLock(readFileSync(bench.path('theirs.p12')), pin))
      const [own] = await session.certificates()
      expect(own).toMatchObject({ label: '国密锁', uses: ['sign'] })
      expect(await session.algorithms(own?.keyId ?? '')).toEqual(['sm2-sm3'])
    })
  })

  it('stands in a folder beside an RSA lock', async () => {
    const locks = join(folder, 'locks')
    mkdirSync(locks)
    const both = await openSoftDriver(locks)
    const options = { pin, soPin: '' }
    await both.initialisePracticeToken({ ...options, label: 'a', keyKind: 'rsa-2048' })
    await both.initialisePracticeToken({ ...options, label: 'b', keyKind: 'sm2' })
    expect((await both.list()).map(token => [token.label, token.mechanisms])).toEqual([
      ['a', []],
      ['b', []],
    ])
    await both.close()
  })
})
