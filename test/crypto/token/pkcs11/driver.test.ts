import { constants, createHash, publicEncrypt, randomBytes, verify } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf } from '../../../../crypto/cert/certificate.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import { openPkcs11Driver } from '../../../../crypto/token/pkcs11/driver.ts'
import type { TokenDriver, TokenSession } from '../../../../crypto/token/port.ts'
import { parseTokenUri } from '../../../../crypto/token/uri.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import {
  addSoftHsmLock,
  makeSoftHsm,
  pkcs11Tool,
  type SoftHsm,
  type SoftHsmLock,
  writeSoftHsmCertificate,
} from '../../../fixtures/softhsm.ts'

const { bidder, rival, intermediate } = practiceCa()
const message = randomBytes(1000)
const digest = createHash('sha256').update(message).digest()

let hsm: SoftHsm
let lock: SoftHsmLock
let driver: TokenDriver

beforeAll(async () => {
  hsm = makeSoftHsm()
  lock = addSoftHsmLock(hsm)
  // A module's state belongs to the process, and every test file has a process of its own.
  process.env['SOFTHSM2_CONF'] = hsm.environment.SOFTHSM2_CONF
  driver = await openPkcs11Driver(hsm.modulePath)
})

afterAll(async () => {
  await driver.close()
  hsm.remove()
})

async function withLogin<T>(use: (session: TokenSession) => Promise<T>): Promise<T> {
  const session = await driver.login(lock.uri, lock.pin)
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}

function wrap(key: Uint8Array, padding: 'oaep' | 'pkcs1'): Uint8Array {
  const publicKey = publicKeyOf(parseCertificate(bidder.decrypt.certificate))
  return padding === 'oaep'
    ? publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, key)
    : publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key)
}

describe('the PKCS #11 driver', () => {
  it('tells what library it has loaded', async () => {
    expect(await driver.module()).toMatchObject({ path: hsm.modulePath, manufacturer: 'SoftHSM', version: '2.6' })
  })

  it('lists a token without a PIN: certificates by use, PIN state, mechanisms, and the name that finds it again', async () => {
    const tokens = await driver.list()
    expect(tokens).toHaveLength(1)
    const [token] = tokens
    expect(token).toMatchObject({ kind: 'pkcs11', label: 'BidKey', pin: { state: 'ok', protectedPath: false } })
    expect(token?.certificates.map(({ keyId, label, uses }) => ({ keyId, label, uses }))).toEqual(
      expect.arrayContaining([
        { keyId: '01', label: 'sign', uses: ['sign'] },
        { keyId: '02', label: 'encrypt', uses: ['decrypt'] },
        { keyId: expect.any(String) as string, label: 'intermediate', uses: [] },
      ]),
    )
    const sign = token?.certificates.find(({ keyId }) => keyId === '01')
    expect(Buffer.from(sign?.certificate ?? [])).toEqual(Buffer.from(bidder.sign.certificate))
    expect(token?.mechanisms).toContain('CKM_RSA_X_509')
    expect(parseTokenUri(token?.uri ?? '')).toMatchObject({ token: 'BidKey', modulePath: hsm.modulePath })
    const session = await driver.login(token?.uri ?? '', lock.pin)
    await session.close()
  })

  it.each(['rsa-pkcs1-sha256', 'rsa-pss-sha256'] as const)('signs with %s', async algorithm => {
    const signature = await withLogin(session => session.sign('01', algorithm, digest))
    const key = publicKeyOf(parseCertificate(bidder.sign.certificate))
    const padding =
      algorithm === 'rsa-pss-sha256'
        ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
        : { padding: constants.RSA_PKCS1_PADDING }
    expect(verify('sha256', message, { key, ...padding }, signature)).toBe(true)
  })

  it('opens what OAEP with SHA-256 and PKCS#1 v1.5 have wrapped', async () => {
    await withLogin(async session => {
      const key = randomBytes(32)
      const oaep = await session.open('02', { kind: 'rsa-oaep-sha256', encryptedKey: wrap(key, 'oaep') })
      const pkcs1 = await session.open('02', { kind: 'rsa-pkcs1', encryptedKey: wrap(key, 'pkcs1'), keyLength: 32 })
      expect(Buffer.from(oaep)).toEqual(key)
      expect(Buffer.from(pkcs1)).toEqual(key)
    })
  })

  it('answers a bad ciphertext of any kind with random bytes of the right length, each time others', async () => {
    await withLogin(async session => {
      const damaged = wrap(randomBytes(32), 'oaep').map((byte, index) => (index === 9 ? byte ^ 1 : byte))
      const bad = [
        damaged,
        new Uint8Array(256),
        new Uint8Array(256).fill(255),
        new Uint8Array(300).fill(1),
        Uint8Array.of(1),
      ]
      for (const encryptedKey of bad) {
        const oaep = [0, 1].map(() => session.open('02', { kind: 'rsa-oaep-sha256', encryptedKey }))
        const pkcs1 = [0, 1].map(() => session.open('02', { kind: 'rsa-pkcs1', encryptedKey, keyLength: 32 }))
        for (const [first, second] of [await Promise.all(oaep), await Promise.all(pkcs1)]) {
          expect(first?.length).toBe(32)
          expect(second?.length).toBe(32)
          expect(Buffer.from(first ?? []).equals(Buffer.from(second ?? []))).toBe(false)
        }
      }
      const key = randomBytes(32)
      const after = await session.open('02', { kind: 'rsa-oaep-sha256', encryptedKey: wrap(key, 'oaep') })
      expect(Buffer.from(after)).toEqual(key)
    })
  })

  it('answers a key of another length than asked for with random bytes of the right one', async () => {
    await withLogin(async session => {
      const encryptedKey = wrap(randomBytes(16), 'pkcs1')
      expect((await session.open('02', { kind: 'rsa-pkcs1', encryptedKey, keyLength: 32 })).length).toBe(32)
    })
  })

  it('keeps the ciphertext’s leading zeros out of the way', async () => {
    await withLogin(async session => {
      for (let tries = 0; tries < 2000; tries += 1) {
        const key = randomBytes(32)
        const encryptedKey = wrap(key, 'pkcs1')
        if (encryptedKey[0] !== 0) continue
        for (const form of [encryptedKey, encryptedKey.subarray(1)]) {
          expect(
            Buffer.from(await session.open('02', { kind: 'rsa-pkcs1', encryptedKey: form, keyLength: 32 })),
          ).toEqual(key)
        }
        return
      }
      throw new Error('no ciphertext with a leading zero in 2000')
    })
  })

  it('holds for thirty rounds of everything, several calls at once', async () => {
    await withLogin(async session => {
      const key = randomBytes(32)
      const rounds = Array.from({ length: 30 }, async () => {
        const [, , oaep, pkcs1] = await Promise.all([
          session.sign('01', 'rsa-pkcs1-sha256', digest),
          session.sign('01', 'rsa-pss-sha256', digest),
          session.open('02', { kind: 'rsa-oaep-sha256', encryptedKey: wrap(key, 'oaep') }),
          session.open('02', { kind: 'rsa-pkcs1', encryptedKey: wrap(key, 'pkcs1'), keyLength: 32 }),
        ])
        return Buffer.from(oaep).equals(key) && Buffer.from(pkcs1).equals(key)
      })
      expect((await Promise.all(rounds)).every(same => same)).toBe(true)
    })
  })

  it('shows the certificates with a private key first, after login', async () => {
    const certificates = await withLogin(session => session.certificates())
    expect(certificates.slice(0, 2).map(({ keyId }) => keyId)).toEqual(expect.arrayContaining(['01', '02']))
    expect(certificates[2]?.uses).toEqual([])
  })

  it('is a signer whose intermediates are those on the token, and an opener', async () => {
    await withLogin(async session => {
      const certificates = await session.certificates()
      const signer = await signerFromToken(session, certificates)
      expect(signer.intermediates.map(der => Buffer.from(der))).toEqual([Buffer.from(intermediate)])
      expect(signer.algorithms).toEqual(['rsa-pkcs1-sha256', 'rsa-pss-sha256'])
      expect((await signer.sign('rsa-pss-sha256', digest)).length).toBe(256)
      const opener = keyOpenerFromToken(session, certificates)
      const key = randomBytes(32)
      const opened = await opener.open({ kind: 'rsa-oaep-sha256', encryptedKey: wrap(key, 'oaep') })
      expect(Buffer.from(opened)).toEqual(key)
    })
  })

  it('calls a wrong PIN a wrong PIN, and never lets one pass because somebody is logged in', async () => {
    await withLogin(async session => {
      await expectRejection('token.pin-incorrect', driver.login(lock.uri, '999999'))
      // The library has one login for the whole token: the failed one has ended this one too.
      await expectRejection('token.removed', session.sign('01', 'rsa-pkcs1-sha256', digest))
    })
    const [token] = await driver.list()
    expect(token?.pin.state).toBe('few-tries')
    await withLogin(session => session.sign('01', 'rsa-pkcs1-sha256', digest))
    expect((await driver.list())[0]?.pin.state).toBe('ok')
  })

  it('lets two logins to one token live side by side and end one by one', async () => {
    const first = await driver.login(lock.uri, lock.pin)
    const second = await driver.login(lock.uri, lock.pin)
    await first.sign('01', 'rsa-pkcs1-sha256', digest)
    await first.close()
    await second.sign('01', 'rsa-pkcs1-sha256', digest)
    await second.close()
    await expectRejection('token.removed', second.sign('01', 'rsa-pkcs1-sha256', digest))
  })

  it('refuses a key id it does not have, and a key for the other use', async () => {
    await withLogin(async session => {
      await expectRejection('token.wrong-lock', session.sign('77', 'rsa-pkcs1-sha256', digest))
      await expectRejection('token.wrong-lock', session.sign('02', 'rsa-pkcs1-sha256', digest))
      const encryptedKey = wrap(randomBytes(32), 'oaep')
      await expectRejection('token.wrong-lock', session.open('01', { kind: 'rsa-oaep-sha256', encryptedKey }))
      await expectRejection('token.unsupported', session.sign('01', 'ecdsa-sha256', digest))
      await expectRejection('arguments.bad', session.sign('01', 'rsa-pkcs1-sha256', message))
    })
  })

  it('says that an absent token is absent', async () => {
    await expectRejection('token.absent', driver.login('pkcs11:token=Nobody', lock.pin))
    await expectRejection('arguments.bad', driver.login('p12:/tmp/x.p12', lock.pin))
    await expectRejection('arguments.bad', driver.login(lock.uri, null))
  })

  it('finds a private key by its modulus where the ids do not agree', async () => {
    const other = addSoftHsmLock(hsm, { label: 'OddIds', bidder: rival })
    pkcs11Tool(hsm, other, '--delete-object', '--type', 'cert', '--id', '01')
    writeSoftHsmCertificate(hsm, other, rival.sign.certificate, 'renumbered', '02')
    await driver.close()
    driver = await openPkcs11Driver(hsm.modulePath)
    const session = await driver.login(other.uri, other.pin)
    const signature = await session.sign('02', 'rsa-pkcs1-sha256', digest)
    expect(verify('sha256', message, publicKeyOf(parseCertificate(rival.sign.certificate)), signature)).toBe(true)
    await session.close()
    expect(await driver.list()).toHaveLength(2)
  })

  it('gives the PIN for each use of a key that always wants it', async () => {
    const always = addSoftHsmLock(hsm, { label: 'Always', bidder: rival })
    pkcs11Tool(hsm, always, '--delete-object', '--type', 'privkey', '--id', '01')
    pkcs11Tool(hsm, always, '--delete-object', '--type', 'cert', '--id', '01')
    const file = `${hsm.tokensFolder}-key.der`
    writeFileSync(file, rival.sign.privateKey.export({ format: 'der', type: 'pkcs8' }))
    pkcs11Tool(hsm, always, '--write-object', file, '--type', 'privkey', '--id', '09', '--usage-sign', '--always-auth')
    rmSync(file)
    writeSoftHsmCertificate(hsm, always, rival.sign.certificate, 'sign', '09')
    await driver.close()
    driver = await openPkcs11Driver(hsm.modulePath)
    const session = await driver.login(always.uri, always.pin)
    for (let round = 0; round < 3; round += 1) {
      expect((await session.sign('09', 'rsa-pss-sha256', digest)).length).toBe(256)
    }
    await session.close()
  })

  it('notices that the token is gone, lists none, and finds it again when it is back', async () => {
    const session = await driver.login(lock.uri, lock.pin)
    const away = `${hsm.tokensFolder}.away`
    renameSync(hsm.tokensFolder, away)
    try {
      await expectRejection('token.removed', session.sign('01', 'rsa-pkcs1-sha256', digest))
      await expectRejection('token.removed', session.sign('01', 'rsa-pkcs1-sha256', digest))
      expect(await driver.list()).toEqual([])
      await expectRejection('token.absent', driver.login(lock.uri, lock.pin))
    } finally {
      renameSync(away, hsm.tokensFolder)
    }
    expect((await driver.list()).map(({ label }) => label)).toContain('BidKey')
    await withLogin(again => again.sign('01', 'rsa-pkcs1-sha256', digest))
  })

  it('says what is missing when a module cannot be loaded', async () => {
    await expectRejection('token.driver-unavailable', openPkcs11Driver('/nonexistent/module.so'))
    await expectRejection('arguments.bad', openPkcs11Driver('libsofthsm2.so'))
  })

  it('answers nothing after it is closed, and may be closed twice', async () => {
    const another = await openPkcs11Driver(hsm.modulePath)
    await another.close()
    await another.close()
    await expectRejection('token.driver-unavailable', another.list())
  })
})
