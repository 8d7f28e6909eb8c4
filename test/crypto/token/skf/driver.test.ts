import { createHash, randomBytes, verify } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf, sm2PointOf } from '../../../../crypto/cert/certificate.ts'
import { issueCertificate } from '../../../../crypto/cert/issue.ts'
import { decodeGmEnveloped } from '../../../../crypto/cms/gm/enveloped-data.ts'
import { openEnvelopeGm, wrapKeyGm } from '../../../../crypto/cms/gm/envelope.ts'
import type { Sm2Transport } from '../../../../crypto/envelope/key-opener.ts'
import { sm2Digest, sm2VerifyDigest } from '../../../../crypto/sm/sm2/index.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import type { TokenDriver, TokenSession, TokenSummary } from '../../../../crypto/token/port.ts'
import { openSkfDriver } from '../../../../crypto/token/skf/driver.ts'
import { parseTokenUri } from '../../../../crypto/token/uri.ts'
import { makeSoftSkf, type SoftSkf } from '../../../fakes/skf/soft-skf.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa, gmOrganisation } from '../../../fixtures/gm-ca.ts'
import { softHsmModule } from '../../../fixtures/softhsm.ts'
import { practiceCa, practiceNotAfter, practiceNotBefore } from '../../../fixtures/practice-ca.ts'

const pin = '246810'
const { bidder, rival, intermediate, intermediateKey } = gmCa()
const rsa = practiceCa().bidder
const point = sm2PointOf(parseCertificate(bidder.sign.certificate))
const digest = sm2Digest(point, randomBytes(1000))

describe.each(['packed', 'natural', 'minimal'] as const)('the SKF driver over a %s library', build => {
  let skf: SoftSkf
  let driver: TokenDriver

  beforeAll(async () => {
    skf = makeSoftSkf(build)
    skf.addLock({
      device: 'KEY-A',
      pin,
      containers: [{ name: '公章', sign: bidder.sign, encrypt: bidder.decrypt }],
    })
    Object.assign(process.env, skf.environment)
    driver = await openSkfDriver(skf.modulePath, build === 'minimal' ? {} : { layout: build })
  })

  afterEach(() => {
    delete process.env['BIDSEAL_SOFT_SKF_FAULT']
  })

  afterAll(async () => {
    await driver.close()
    skf.remove()
  })

  function withFault(fault: string): void {
    process.env['BIDSEAL_SOFT_SKF_FAULT'] = fault
  }

  async function tokenOf(device: string): Promise<TokenSummary> {
    const found = (await driver.list()).find(({ serial }) => serial === `${device}-0001`)
    if (found === undefined) throw new Error(`no ${device}`)
    return found
  }

  async function withLogin<T>(device: string, use: (session: TokenSession) => Promise<T>): Promise<T> {
    const session = await driver.login((await tokenOf(device)).uri, pin)
    try {
      return await use(session)
    } finally {
      await session.close()
    }
  }

  async function keysOf(session: TokenSession): Promise<{ readonly sign: string; readonly decrypt: string }> {
    const certificates = await session.certificates()
    const of = (use: 'sign' | 'decrypt'): string => certificates.find(({ uses }) => uses.includes(use))?.keyId ?? ''
    return { sign: of('sign'), decrypt: of('decrypt') }
  }

  /** Opens an envelope for the bidder and answers whether it gave the key. */
  async function opens(session: TokenSession, changes: Partial<Sm2Transport> = {}): Promise<boolean> {
    const key = randomBytes(32)
    const envelope = wrapKeyGm(key, { recipient: parseCertificate(bidder.decrypt.certificate) })
    const { encryptedKey, iv, content } = decodeGmEnveloped(envelope)
    const { decrypt } = await keysOf(session)
    const opened = await session.open(decrypt, { kind: 'sm2-sm4-cbc', encryptedKey, iv, content, ...changes })
    expect(opened).toHaveLength(32)
    return key.equals(opened)
  }

  it('lists a token with both certificates and the tries that are left, without a PIN', async () => {
    skf.calls()
    const token = await tokenOf('KEY-A')
    expect(token).toMatchObject({ kind: 'skf', label: '软锁 KEY-A', manufacturer: 'BidSeal', serial: 'KEY-A-0001' })
    expect(token.pin).toEqual(
      build === 'minimal'
        ? { state: 'unknown', protectedPath: false }
        : { state: 'ok', triesLeft: 6, protectedPath: false },
    )
    expect(token.mechanisms).toEqual(['SGD_SM4', 'SGD_RSA', 'SGD_SM2', 'SGD_SM3', 'SGD_SHA1', 'SGD_SHA256'])
    expect(token.certificates.map(({ certificate, uses, label }) => ({ certificate, uses, label }))).toEqual([
      { certificate: bidder.sign.certificate, uses: ['sign'], label: '公章' },
      { certificate: bidder.decrypt.certificate, uses: ['decrypt'], label: '公章' },
    ])
    expect(parseTokenUri(token.uri)).toMatchObject({ kind: 'skf', application: 'BIDSEAL', modulePath: skf.modulePath })
    const calls = skf.calls()
    expect(calls).not.toContain('SKF_VerifyPIN')
    expectBalance(calls)
  })

  it('tells the library by its file and the manufacturer of what is plugged in', async () => {
    expect(await driver.module()).toMatchObject({ path: skf.modulePath, manufacturer: 'BidSeal' })
  })

  it('signs e = SM3(Z ‖ M), which verifies in software', async () => {
    const signature = await withLogin('KEY-A', async session => {
      const certificates = await session.certificates()
      const signer = await signerFromToken(session, certificates)
      expect(signer.algorithms).toEqual(['sm2-sm3'])
      return signer.sign('sm2-sm3', digest)
    })
    expect(sm2VerifyDigest(point, digest, signature)).toBe(true)
  })

  it('opens an envelope whose key never leaves the token, and wipes the way behind it', async () => {
    const key = randomBytes(32)
    const envelope = wrapKeyGm(key, { recipient: parseCertificate(bidder.decrypt.certificate) })
    skf.calls()
    const opened = await withLogin('KEY-A', async session =>
      openEnvelopeGm(envelope, keyOpenerFromToken(session, await session.certificates())),
    )
    expect(key.equals(opened)).toBe(true)
    const calls = skf.calls()
    expect(calls).toContain('SKF_CloseHandle')
    expect(calls.slice(-3, -1)).toEqual(['SKF_ClearSecureState', 'SKF_CloseApplication'])
  })

  it('takes 48 bytes with their padding and 32 without it, nothing else', async () => {
    await withLogin('KEY-A', async session => {
      expect(await opens(session)).toBe(true)
      withFault('unpadded')
      expect(await opens(session)).toBe(true)
      withFault('short:SKF_Decrypt')
      expect(await opens(session)).toBe(false)
      withFault('garbage:SKF_Decrypt')
      expect(await opens(session)).toBe(false)
    })
  })

  it('answers random bytes for whatever is wrong with an envelope', async () => {
    const other = wrapKeyGm(randomBytes(32), { recipient: parseCertificate(rival.decrypt.certificate) })
    await withLogin('KEY-A', async session => {
      skf.calls()
      expect(await opens(session, { encryptedKey: decodeGmEnveloped(other).encryptedKey })).toBe(false)
      expect(await opens(session, { encryptedKey: Uint8Array.of(1, 2, 3) })).toBe(false)
      expect(await opens(session, { iv: new Uint8Array(15) })).toBe(false)
      expect(await opens(session, { content: new Uint8Array(32) })).toBe(false)
      expect(await opens(session, { content: new Uint8Array(48) })).toBe(false)
      for (const code of ['0A000001', '0A000011', '0A00001E']) {
        withFault(`fail:SKF_ImportSessionKey:${code}`)
        expect(await opens(session)).toBe(false)
        withFault(`fail:SKF_Decrypt:${code}`)
        expect(await opens(session)).toBe(false)
      }
      // Whatever happened, what was opened is closed again, and the session is as good as before.
      expectBalance(skf.calls())
      withFault('')
      expect(await opens(session)).toBe(true)
    })
  })

  it('says which vendor error it met when the token cannot do it', async () => {
    await withLogin('KEY-A', async session => {
      withFault('fail:SKF_ImportSessionKey:0B000017')
      expect(await expectRejection('token.unsupported', opens(session))).toContain('vendor error 0x0b000017')
      // Not the envelope's fault: no library refuses these parameters for what it is to decrypt.
      withFault('fail:SKF_DecryptInit:0A000006')
      expect(await expectRejection('token.unsupported', opens(session))).toContain('SAR_INVALIDPARAMERR')
      withFault('fail:SKF_ImportSessionKey:0A000003')
      expect(await expectRejection('token.unsupported', opens(session))).toContain('SAR_NOTSUPPORTYETERR')
    })
  })

  it('gives a wrong PIN to the library once, tells the tries that are left, and stops at the lock', async () => {
    skf.addLock({ device: 'KEY-PIN', pin, tries: 3, containers: [] })
    const { uri } = await tokenOf('KEY-PIN')
    skf.calls()
    const told = await expectRejection('token.pin-incorrect', driver.login(uri, '000000'))
    expect(told).toContain('2 tries are left')
    expect(told).not.toContain('000000')
    expect(skf.calls().filter(name => name === 'SKF_VerifyPIN')).toHaveLength(1)
    expect(skf.triesLeft('KEY-PIN')).toBe(2)
    if (build !== 'minimal') expect((await tokenOf('KEY-PIN')).pin).toMatchObject({ state: 'few-tries', triesLeft: 2 })
    expect(await expectRejection('token.pin-incorrect', driver.login(uri, '000000'))).toContain('one try is left')
    if (build !== 'minimal') expect((await tokenOf('KEY-PIN')).pin).toMatchObject({ state: 'last-try', triesLeft: 1 })
    await expectRejection('token.pin-locked', driver.login(uri, '000000'))
    await expectRejection('token.pin-locked', driver.login(uri, pin))
    if (build !== 'minimal') {
      expect((await tokenOf('KEY-PIN')).pin).toMatchObject({ state: 'locked', triesLeft: 0 })
      // The token says that it is locked: no PIN is sent any more.
      skf.calls()
      await expectRejection('token.pin-locked', driver.login(uri, pin))
      expect(skf.calls()).not.toContain('SKF_VerifyPIN')
    }
    skf.pullOut('KEY-PIN')
  })

  it('wins all tries back with the right PIN', async () => {
    const { uri } = await tokenOf('KEY-A')
    await expectRejection('token.pin-incorrect', driver.login(uri, '000000'))
    expect(skf.triesLeft('KEY-A')).toBe(5)
    await withLogin('KEY-A', () => Promise.resolve())
    expect(skf.triesLeft('KEY-A')).toBe(6)
  })

  it('sends no PIN that no token can have, and none at all without one', async () => {
    const { uri } = await tokenOf('KEY-A')
    skf.calls()
    await expectRejection('token.pin-form', driver.login(uri, ''))
    await expectRejection('token.pin-form', driver.login(uri, `${pin}\0`))
    await expectRejection('arguments.bad', driver.login(uri, null))
    expect(skf.calls()).not.toContain('SKF_VerifyPIN')
    await expectRejection('token.pin-form', driver.login(uri, '123'))
    expect(skf.triesLeft('KEY-A')).toBe(6)
  })

  it('does not believe a retry count that cannot be', async () => {
    const { uri } = await tokenOf('KEY-A')
    withFault('retry')
    const told = await expectRejection('token.pin-incorrect', driver.login(uri, '000000'))
    if (build === 'minimal') expect(told).not.toContain('left')
    else expect(told).toContain('5 tries are left')
    withFault('garbage:SKF_GetPINInfo')
    if (build !== 'minimal') expect((await tokenOf('KEY-A')).pin.state).toBe('unknown')
    await withLogin('KEY-A', () => Promise.resolve())
  })

  it('lets no wrong PIN pass because somebody is logged in', async () => {
    withFault('already')
    await withLogin('KEY-A', async () => {
      await expectRejection('token.pin-incorrect', driver.login((await tokenOf('KEY-A')).uri, '000000'))
    })
    await withLogin('KEY-A', async session => expect(await opens(session)).toBe(true))
  })

  it('keeps the login of one session when another one of the same token ends', async () => {
    await withLogin('KEY-A', async session => {
      await withLogin('KEY-A', () => Promise.resolve())
      expect(await opens(session)).toBe(true)
    })
  })

  it('knows a token by its name, and the wrong one by it too', async () => {
    await expectRejection('token.absent', driver.login('skf:serial=none', pin))
    await expectRejection('arguments.bad', driver.login('pkcs11:serial=none', pin))
    await (await driver.login('skf:serial=KEY-A-0001', pin)).close()
  })

  it('reports a token that is pulled out, and finds it again when it is back', async () => {
    const { uri } = await tokenOf('KEY-A')
    const session = await driver.login(uri, pin)
    const { sign, decrypt } = await keysOf(session)
    skf.pullOut('KEY-A')
    expect(await driver.list()).toEqual([])
    await expectRejection('token.removed', session.sign(sign, 'sm2-sm3', digest))
    await expectRejection('token.absent', driver.login(uri, pin))
    skf.plugIn('KEY-A')
    await expectRejection('token.removed', session.open(decrypt, emptyTransport))
    await withLogin('KEY-A', async again => expect(await opens(again)).toBe(true))
  })

  it('goes on after fifty plug cycles with a session each', async () => {
    for (let cycle = 0; cycle < 50; cycle += 1) {
      const session = await driver.login((await tokenOf('KEY-A')).uri, pin)
      const { sign } = await keysOf(session)
      skf.pullOut('KEY-A')
      await expectRejection('token.removed', session.sign(sign, 'sm2-sm3', digest))
      skf.plugIn('KEY-A')
    }
    await withLogin('KEY-A', async session => expect(await opens(session)).toBe(true))
  })

  it('reports a removal in the middle of the login, and sees none of a token that goes while it is read', async () => {
    const { uri } = await tokenOf('KEY-A')
    withFault('remove:SKF_VerifyPIN')
    await expectRejection('token.removed', driver.login(uri, pin))
    skf.plugIn('KEY-A')
    expect(skf.triesLeft('KEY-A')).toBe(6)
    for (const name of ['SKF_GetDevInfo', 'SKF_OpenApplication', 'SKF_EnumContainer', 'SKF_ExportCertificate']) {
      withFault(`remove:${name}`)
      expect(await driver.list()).toEqual([])
      skf.plugIn('KEY-A')
    }
  })

  it.each(['SKF_ECCSignData', 'SKF_ImportSessionKey', 'SKF_DecryptInit', 'SKF_Decrypt'])(
    'reports a removal in the middle of %s, even behind a general code',
    async name => {
      const session = await driver.login((await tokenOf('KEY-A')).uri, pin)
      const { sign } = await keysOf(session)
      withFault(`remove:${name},fail:${name}`)
      const use = name === 'SKF_ECCSignData' ? session.sign(sign, 'sm2-sm3', digest) : opens(session)
      await expectRejection('token.removed', use)
      skf.plugIn('KEY-A')
      withFault('')
      await withLogin('KEY-A', async again => expect(await opens(again)).toBe(true))
    },
  )

  it('refuses lengths that cannot be, and signatures that do not verify', async () => {
    await withLogin('KEY-A', async session => {
      const { sign } = await keysOf(session)
      withFault('length:SKF_Decrypt')
      await expectRejection('token.unsupported', opens(session))
      withFault('garbage:SKF_ECCSignData')
      await expectRejection('token.unsupported', session.sign(sign, 'sm2-sm3', digest))
      withFault('wrong:SKF_ECCSignData')
      await expectRejection('token.unsupported', session.sign(sign, 'sm2-sm3', digest))
    })
    for (const fault of ['length:SKF_EnumDev', 'grows:SKF_EnumDev', 'length:SKF_EnumApplication']) {
      withFault(fault)
      await expectRejection('token.unsupported', driver.list())
    }
    for (const fault of ['length:SKF_ExportCertificate', 'length:SKF_EnumContainer', 'garbage:SKF_GetDevInfo']) {
      withFault(fault)
      await expectRejection('token.unsupported', driver.list())
    }
    withFault('garbage:SKF_ExportCertificate')
    expect((await tokenOf('KEY-A')).certificates).toEqual([])
  })

  it('shows certificates only after the login where the token wants it so', async () => {
    withFault('private')
    expect((await tokenOf('KEY-A')).certificates).toEqual([])
    await withLogin('KEY-A', async session => expect(await session.certificates()).toHaveLength(2))
  })

  it('finds the key of a certificate by the public key, wherever the vendor has put it', async () => {
    skf.addLock({
      device: 'KEY-TWO',
      pin,
      containers: [
        { name: 'a', sign: { privateKey: bidder.sign.privateKey, certificate: rival.sign.certificate } },
        { name: 'b', encrypt: bidder.decrypt },
        { name: 'c', sign: { certificate: bidder.sign.certificate } },
        { name: 'issuer', sign: { certificate: intermediate } },
      ],
    })
    const { certificates } = await tokenOf('KEY-TWO')
    const usesOf = (der: Uint8Array): readonly string[] | undefined =>
      certificates.find(({ certificate }) => Buffer.from(certificate).equals(der))?.uses
    expect(usesOf(bidder.decrypt.certificate)).toEqual(['decrypt'])
    expect(usesOf(intermediate)).toEqual([])
    if (build !== 'minimal') {
      expect(usesOf(bidder.sign.certificate)).toEqual(['sign'])
      expect(usesOf(rival.sign.certificate)).toEqual([])
      await withLogin('KEY-TWO', async session => {
        const signer = await signerFromToken(session, await session.certificates())
        expect(sm2VerifyDigest(point, digest, await signer.sign('sm2-sm3', digest))).toBe(true)
        expect(signer.intermediates).toEqual([intermediate])
      })
    }
    skf.pullOut('KEY-TWO')
  })

  it('signs with RSA, and says that SKF cannot open an RSA envelope', async () => {
    skf.addLock({ device: 'KEY-RSA', pin, containers: [{ name: 'rsa', sign: rsa.sign, encrypt: rsa.decrypt }] })
    const message = randomBytes(100)
    const sha256 = createHash('sha256').update(message).digest()
    await withLogin('KEY-RSA', async session => {
      const { sign, decrypt } = await keysOf(session)
      expect(await session.algorithms(sign)).toEqual(['rsa-pkcs1-sha256'])
      const signature = await session.sign(sign, 'rsa-pkcs1-sha256', sha256)
      const key = publicKeyOf(parseCertificate(rsa.sign.certificate))
      expect(verify('sha256', message, key, signature)).toBe(true)
      await expectRejection('token.unsupported', session.sign(sign, 'sm2-sm3', sha256))
      const oaep = { kind: 'rsa-oaep-sha256', encryptedKey: randomBytes(256) } as const
      await expectRejection('token.unsupported', session.open(decrypt, oaep))
    })
    skf.pullOut('KEY-RSA')
  })

  it('makes a practice lock on a blank practice device only, and overwrites nothing', async () => {
    const options = { label: '演练', keyKind: 'sm2', pin, soPin: '87654321' } as const
    skf.addBlank('KEY-REAL', 'A real CA')
    await expectRejection('token.not-blank', driver.initialisePracticeToken(options))
    expect(skf.calls()).not.toContain('SKF_DevAuth')
    skf.addBlank('KEY-NEW')
    await expectRejection('token.unsupported', driver.initialisePracticeToken({ ...options, keyKind: 'rsa-2048' }))
    const keys = await driver.initialisePracticeToken(options)
    expect(parseTokenUri(keys.tokenUri)).toMatchObject({ kind: 'skf', token: '演练', serial: 'KEY-NEW-0001' })
    await expectRejection('token.not-blank', driver.initialisePracticeToken(options))
    const issue = (publicKey: Uint8Array, profile: 'sign' | 'decrypt'): Uint8Array =>
      issueCertificate({
        subject: gmOrganisation('云岭建设集团有限公司'),
        publicKey,
        issuer: { certificate: intermediate, privateKey: intermediateKey },
        serial: randomBytes(8),
        notBefore: practiceNotBefore,
        notAfter: practiceNotAfter,
        profile,
      })
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
    await withLogin('KEY-NEW', async session => {
      const found = await session.certificates()
      expect(found.map(({ keyId }) => keyId).slice(0, 2)).toEqual([keys.sign.keyId, keys.decrypt.keyId])
      const signer = await signerFromToken(session, found)
      const signature = await signer.sign('sm2-sm3', digest)
      expect(sm2VerifyDigest(sm2PointOf(parseCertificate(sign)), digest, signature)).toBe(true)
      const key = randomBytes(32)
      const envelope = wrapKeyGm(key, { recipient: parseCertificate(decrypt) })
      expect(key.equals(await openEnvelopeGm(envelope, keyOpenerFromToken(session, found)))).toBe(true)
    })
    skf.pullOut('KEY-NEW')
    skf.pullOut('KEY-REAL')
  })

  it('serves many devices at once, and lists the good ones beside one that fails', async () => {
    skf.addLock({ device: 'KEY-B', pin, containers: [{ name: 'b', sign: rival.sign, encrypt: rival.decrypt }] })
    await withLogin('KEY-A', async a =>
      withLogin('KEY-B', async b => {
        expect(await opens(a)).toBe(true)
        const { sign } = await keysOf(b)
        const signature = await b.sign(sign, 'sm2-sm3', digest)
        expect(sm2VerifyDigest(sm2PointOf(parseCertificate(rival.sign.certificate)), digest, signature)).toBe(true)
      }),
    )
    skf.pullOut('KEY-B')
  })

  it('is closed for good, with its sessions', async () => {
    const other = await openSkfDriver(skf.modulePath)
    const session = await other.login((await tokenOf('KEY-A')).uri, pin)
    await other.close()
    await other.close()
    await expectRejection('token.removed', session.certificates())
    await expectRejection('token.driver-unavailable', other.list())
  })
})

/** Every handle that was given is given back: containers and session keys, devices and applications. */
function expectBalance(calls: readonly string[]): void {
  const count = (pattern: RegExp): number => calls.filter(name => pattern.test(name)).length
  expect(count(/^SKF_CloseContainer$/)).toBe(count(/^SKF_OpenContainer$/))
  expect(count(/^SKF_CloseApplication$/)).toBe(count(/^SKF_OpenApplication$/))
  expect(count(/^SKF_Dis[Cc]onnectDev$/)).toBe(count(/^SKF_ConnectDev$/))
  // Decryption begins only where a key was imported.
  expect(count(/^SKF_CloseHandle$/)).toBe(count(/^SKF_DecryptInit$/))
}

const emptyTransport: Sm2Transport = {
  kind: 'sm2-sm4-cbc',
  encryptedKey: new Uint8Array(0),
  iv: new Uint8Array(16),
  content: new Uint8Array(48),
}

describe('loading an SKF library', () => {
  it('finds out that a profile names the other layout, without a crash', async () => {
    const skf = makeSoftSkf('natural')
    skf.addLock({ device: 'KEY', pin, containers: [] })
    Object.assign(process.env, skf.environment)
    const driver = await openSkfDriver(skf.modulePath, { layout: 'packed' })
    expect(await expectRejection('token.unsupported', driver.list())).toContain('the profile says packed')
    await driver.close()
    skf.remove()
  })

  it('says what is wrong with a file that is none', async () => {
    await expectRejection('arguments.bad', openSkfDriver('skf.so'))
    await expectRejection('token.driver-unavailable', openSkfDriver('/nonexistent/skf.so'))
    const told = await expectRejection('token.driver-unavailable', openSkfDriver(softHsmModule))
    expect(told).toContain('SKF_EnumDev')
  })
})
