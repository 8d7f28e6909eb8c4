import { constants, createHash, publicEncrypt, randomBytes, verify } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf } from '../../../../crypto/cert/certificate.ts'
import { issueCertificate } from '../../../../crypto/cert/issue.ts'
import { encodeName } from '../../../../crypto/cert/name.ts'
import { CryptoFailure } from '../../../../crypto/errors.ts'
import { writePrivateKey } from '../../../../crypto/sign/private-key.ts'
import { openSoftDriver } from '../../../../crypto/token/soft/driver.ts'
import { readSoftLock } from '../../../../crypto/token/soft/pkcs12-read.ts'
import { encodeSoftLock, writeSoftLock } from '../../../../crypto/token/soft/pkcs12-write.ts'
import { expectFailure, expectRejection } from '../../../fixtures/failure.ts'
import { practiceCa, practiceNotAfter, practiceNotBefore } from '../../../fixtures/practice-ca.ts'

const ca = practiceCa()
const { bidder, intermediate } = ca
const pin = '演练-246810'
const label = '云岭建设 演练锁'
const digest = createHash('sha256').update('x').digest()

let folder: string
let path: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-soft-'))
  path = join(folder, '投标 锁.p12')
  await writeSoftLock(path, {
    pin,
    label,
    keys: [
      { use: 'sign', privateKey: pkcs8(bidder.sign.privateKey), certificate: bidder.sign.certificate },
      { use: 'decrypt', privateKey: pkcs8(bidder.decrypt.privateKey), certificate: bidder.decrypt.certificate },
    ],
    intermediates: [intermediate],
  })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function pkcs8(key: typeof bidder.sign.privateKey): Uint8Array {
  return key.export({ format: 'der', type: 'pkcs8' })
}

describe('the soft lock driver', () => {
  it('lists a lock without its PIN: certificates by use, and the name that finds it again', async () => {
    const driver = await openSoftDriver(path)
    const [token] = await driver.list()
    expect(token).toMatchObject({ kind: 'soft', label, pin: { state: 'ok', protectedPath: false } })
    expect(token?.certificates.map(({ uses }) => uses)).toEqual([['decrypt'], ['sign'], []])
    expect(Buffer.from(token?.certificates[1]?.certificate ?? [])).toEqual(Buffer.from(bidder.sign.certificate))
    expect(token?.uri).toMatch(/^p12:\/.*%E9%94%81\.p12$/)
    const session = await driver.login(token?.uri ?? '', pin)
    expect(await session.certificates()).toHaveLength(3)
    await driver.close()
  })

  it('signs and opens', async () => {
    const driver = await openSoftDriver(path)
    const session = await driver.login(`p12:${path}`, pin)
    const message = randomBytes(100)
    const hash = createHash('sha256').update(message).digest()
    const signature = await session.sign('01', 'rsa-pkcs1-sha256', hash)
    expect(verify('sha256', message, publicKeyOf(parseCertificate(bidder.sign.certificate)), signature)).toBe(true)
    const key = randomBytes(32)
    const publicKey = publicKeyOf(parseCertificate(bidder.decrypt.certificate))
    const encryptedKey = publicEncrypt({ key: publicKey, oaepHash: 'sha256' }, key)
    expect(Buffer.from(await session.open('02', { kind: 'rsa-oaep-sha256', encryptedKey }))).toEqual(key)
    const old = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key)
    const opened = await session.open('02', { kind: 'rsa-pkcs1', encryptedKey: old, keyLength: 32 })
    expect(Buffer.from(opened)).toEqual(key)
    await expectRejection('token.wrong-lock', session.sign('02', 'rsa-pkcs1-sha256', hash))
    await session.close()
    await expectRejection('token.removed', session.sign('01', 'rsa-pkcs1-sha256', hash))
    await driver.close()
  })

  it('tells a wrong PIN, an absent lock and a file that is none apart', async () => {
    const driver = await openSoftDriver(path)
    const detail = await expectRejection('token.pin-incorrect', driver.login(`p12:${path}`, '999999'))
    expect(detail).not.toContain('999999')
    await expectRejection('token.absent', driver.login(`p12:${path}.gone`, pin))
    await expectRejection('arguments.bad', driver.login(`p12:${path}`, null))
    const bad = join(folder, 'bad')
    writeFileSync(bad, 'not a lock')
    await expectRejection('input.unreadable', (await openSoftDriver(bad)).list())
    expect(await (await openSoftDriver(join(folder, 'nothing.p12'))).list()).toEqual([])
    await expectRejection('arguments.bad', openSoftDriver('lock.p12'))
  })

  it('takes a folder of locks and passes over what is none', async () => {
    const locks = join(folder, 'locks')
    mkdirSync(locks)
    writeFileSync(join(locks, 'a.p12'), readFileSync(path))
    writeFileSync(join(locks, 'b.pfx'), readFileSync(path))
    writeFileSync(join(locks, 'c.p12'), 'rubbish')
    writeFileSync(join(locks, 'README.txt'), 'PIN')
    const driver = await openSoftDriver(locks)
    const tokens = await driver.list()
    expect(tokens.map(({ uri }) => uri.slice(-5))).toEqual(['a.p12', 'b.pfx'])
    const session = await driver.login(tokens[1]?.uri ?? '', pin)
    expect((await session.sign('01', 'rsa-pss-sha256', digest)).length).toBe(256)
    await driver.close()
  })

  it('is a lock of its owner alone, and never replaces another', async () => {
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
    const before = readFileSync(path)
    await expectRejection('token.not-blank', writeSoftLock(path, { pin, label, keys: [], intermediates: [] }))
    expect(readFileSync(path)).toEqual(before)
  })

  it('makes a practice lock, takes its certificates once, and leaves no draft', async () => {
    const practice = join(folder, 'practice')
    mkdirSync(practice)
    const driver = await openSoftDriver(practice)
    const keys = await driver.initialisePracticeToken({ label: '演练/锁', keyKind: 'rsa-2048', pin, soPin: '' })
    const issue = (publicKey: Uint8Array, profile: 'sign' | 'decrypt'): Uint8Array =>
      issueCertificate({
        subject: encodeName([['CN', '演练']]),
        publicKey,
        issuer: { certificate: intermediate, privateKey: ca.intermediateKey },
        serial: randomBytes(8),
        notBefore: practiceNotBefore,
        notAfter: practiceNotAfter,
        profile,
      })
    const certificates = [
      { keyId: keys.sign.keyId, label: '签名', certificate: issue(keys.sign.publicKey, 'sign') },
      { keyId: keys.decrypt.keyId, label: '加密', certificate: issue(keys.decrypt.publicKey, 'decrypt') },
      { label: '签发', certificate: intermediate },
    ]
    await expectRejection('token.pin-incorrect', driver.storePracticeCertificates(keys.tokenUri, 'x', certificates))
    await driver.storePracticeCertificates(keys.tokenUri, pin, certificates)
    await expectRejection('token.not-blank', driver.storePracticeCertificates(keys.tokenUri, pin, certificates))
    await expectRejection(
      'token.not-blank',
      driver.initialisePracticeToken({ label: '演练/锁', keyKind: 'rsa-2048', pin, soPin: '' }),
    )
    expect(readdirSync(practice)).toEqual(['演练_锁.p12'])
    const [token] = await driver.list()
    expect(token).toMatchObject({ label: '演练/锁', uri: keys.tokenUri })
    const session = await driver.login(keys.tokenUri, pin)
    expect((await session.sign(keys.sign.keyId, 'rsa-pss-sha256', digest)).length).toBe(256)
    await driver.close()
  })

  it('meets a damaged file with a code, or reads what was in it: never another key or certificate', async () => {
    const whole = encodeSoftLock({
      pin: '1234',
      label: 'x',
      keys: [{ use: 'sign', privateKey: pkcs8(bidder.sign.privateKey), certificate: bidder.sign.certificate }],
      intermediates: [],
    })
    const codes = ['token.pin-incorrect', 'token.unsupported', 'input.unreadable']
    let refused = 0
    const offsets = Array.from({ length: 24 }, (_, index) => index * 131).filter(at => at < whole.length)
    for (const at of offsets) {
      const damaged = whole.map((byte, index) => (index === at ? byte ^ 0x41 : byte))
      try {
        const lock = readSoftLock(damaged, '1234')
        const [key] = lock.keys
        expect(key && Buffer.from(writePrivateKey(key.privateKey))).toEqual(pkcs8(bidder.sign.privateKey))
        expect(Buffer.from(lock.certificates[0]?.certificate ?? [])).toEqual(Buffer.from(bidder.sign.certificate))
      } catch (error) {
        expect(codes).toContain(error instanceof CryptoFailure ? error.code : error)
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(offsets.length - 5)
    for (let length = 0; length < whole.length; length += 211) {
      expectFailure('input.unreadable', () => readSoftLock(whole.subarray(0, length), '1234'))
    }
  })
})
