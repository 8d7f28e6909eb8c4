import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../../crypto/cert/certificate.ts'
import type { Sm2Transport } from '../../../../crypto/envelope/key-opener.ts'
import { sm2Digest, sm2Encrypt, sm2VerifyDigest } from '../../../../crypto/sm/sm2/index.ts'
import { sm4CbcEncrypt } from '../../../../crypto/sm/sm4.ts'
import { gm1 } from '../../../../crypto/suites/gm-1.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import { openPkcs11Driver } from '../../../../crypto/token/pkcs11/driver.ts'
import type { TokenDriver, TokenSession } from '../../../../crypto/token/port.ts'
import type { Pkcs11Profile } from '../../../../crypto/token/profiles/driver-profile.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import {
  bidderKeys,
  type SoftPkcs11,
  softPkcs11Pin,
  type SoftPkcs11Quirk,
  withSoftPkcs11,
} from '../../../fixtures/soft-pkcs11.ts'

const ca = gmCa()
const certificate = parseCertificate(ca.bidder.sign.certificate)
const signPoint = sm2PointOf(certificate)
const recipient = parseCertificate(ca.bidder.decrypt.certificate)
const decryptPoint = sm2PointOf(recipient)

interface Bench {
  readonly p11: SoftPkcs11
  readonly driver: TokenDriver
  readonly session: TokenSession
}

/** A token of the bidder with SM2 keys on a library with these quirks, logged in. */
async function withToken<T>(
  quirks: readonly SoftPkcs11Quirk[],
  use: (bench: Bench) => Promise<T>,
  change: (profile: Pkcs11Profile) => Pkcs11Profile = profile => profile,
): Promise<T> {
  return withSoftPkcs11({ quirks }, async p11 => {
    const uri = p11.addLock({ token: 'bidder', keys: bidderKeys(ca.bidder), intermediates: [ca.intermediate] })
    const driver = await openPkcs11Driver(p11.modulePath, change(p11.profile))
    try {
      const session = await driver.login(uri, softPkcs11Pin)
      return await use({ p11, driver, session })
    } finally {
      await driver.close()
    }
  })
}

/** Everything a bid asks of a lock: a signed document and an opened envelope, so many times. */
async function expectWorks({ session }: Bench, rounds: number): Promise<void> {
  const certificates = await session.certificates()
  const signer = await signerFromToken(session, certificates)
  expect(signer.algorithms).toEqual(['sm2-sm3'])
  expect(signer.intermediates.map(der => Buffer.from(der))).toEqual([Buffer.from(ca.intermediate)])
  const opener = keyOpenerFromToken(session, certificates)
  for (let round = 0; round < rounds; round += 1) {
    const message = randomBytes(round)
    const signature = await gm1.signDetached(message, signer, null)
    gm1.verifyDetached(message, signature)
    const key = Uint8Array.from(randomBytes(32))
    const envelope = gm1.wrapKey(key, { recipient, padding: 'oaep' })
    expect(await gm1.openEnvelope(envelope, opener)).toEqual(key)
  }
}

function transport(contentKey: Uint8Array, plain: Uint8Array = randomBytes(32)): Sm2Transport {
  const iv = Uint8Array.from(randomBytes(16))
  const key = new Uint8Array(16)
  key.set(contentKey.subarray(0, 16))
  return {
    kind: 'sm2-sm4-cbc',
    encryptedKey: sm2Encrypt(decryptPoint, contentKey),
    iv,
    content: sm4CbcEncrypt(key, iv, plain),
  }
}

describe('SM2 keys on a PKCS #11 token', () => {
  const libraries: readonly (readonly SoftPkcs11Quirk[])[] = [
    [],
    ...(['sansec', 'tass', 'koal', 'westone', 'ep11', 'mssince', 'xihsm'] as const).map(
      vendor => [`numbers=${vendor}`] as const,
    ),
    ...(['asn1', '04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB'] as const).map(
      layout => [`layout=${layout}`] as const,
    ),
    ['sm2-raw'],
    ['sm2-der'],
    ['sm2-message'],
    ['sm2-message', 'sm2-raw', 'numbers=ep11'],
    ['sm2-id'],
    ['sm2-z', 'sm2-raw'],
    ['sm2-message', 'max-input=4096'],
    ['no-ec-params', 'bare-ec-point'],
    ['private-ec-point'],
    ['private-ec-point', 'bare-ec-point', 'no-id'],
    ['no-id'],
    ['no-pin-flags'],
    ['always-authenticate'],
  ]
  it.each(libraries.map(quirks => [quirks.join(' ') || 'the usual', quirks] as const))(
    'sign and open as the profile says: %s',
    (_, quirks) => withToken(quirks, bench => expectWorks(bench, 3)),
  )

  it('answer whole signatures where the library strips leading zeros', () =>
    withToken(['strip-zeros', 'sm2-raw'], bench => expectWorks(bench, 12)))

  it('hold for thirty rounds', () => withToken([], bench => expectWorks(bench, 30)))

  it('are listed with their mechanisms by the names of GM/T 0006', () =>
    withToken([], async ({ driver }) => {
      const [token] = await driver.list()
      expect(token?.certificates.map(({ uses }) => uses)).toEqual(expect.arrayContaining([['sign'], ['decrypt'], []]))
      expect(token?.mechanisms).toEqual(expect.arrayContaining(['SGD_SM2_1', 'SGD_SM2_3', 'CKM_ECDSA']))
    }))

  it('sign e where only e is given, and say why they do not where the library wants the message', async () => {
    const message = randomBytes(100)
    const e = sm2Digest(signPoint, message)
    await withToken([], async ({ session }) => {
      expect(sm2VerifyDigest(signPoint, e, await session.sign('01', 'sm2-sm3', e))).toBe(true)
    })
    await withToken(['sm2-message', 'max-input=100'], async ({ session, p11 }) => {
      expect(sm2VerifyDigest(signPoint, e, await session.sign('01', 'sm2-sm3', e, message))).toBe(true)
      p11.calls()
      expect(await expectRejection('token.unsupported', session.sign('01', 'sm2-sm3', e))).toContain('only a digest')
      const long = session.sign('01', 'sm2-sm3', e, randomBytes(101))
      expect(await expectRejection('token.unsupported', long)).toContain('100 bytes at most; these are 101')
      expect(p11.calls().filter(name => name.startsWith('C_Sign'))).toEqual([])
      // What was signed is not what was asked for.
      const other = session.sign('01', 'sm2-sm3', e, randomBytes(50))
      expect(await expectRejection('token.unsupported', other)).toContain('does not verify')
    })
  })

  it('are not used without a profile, and the failure says that one is needed', () =>
    withToken(
      [],
      async ({ session }) => {
        expect((await session.certificates()).map(({ uses }) => uses)).toEqual(
          expect.arrayContaining([['sign'], ['decrypt']]),
        )
        const e = new Uint8Array(32)
        expect(await expectRejection('token.unsupported', session.algorithms('01'))).toContain('profile')
        expect(await expectRejection('token.unsupported', session.sign('01', 'sm2-sm3', e))).toContain('profile')
        const opening = session.open('02', transport(randomBytes(16)))
        expect(await expectRejection('token.unsupported', opening)).toContain('profile')
      },
      () => ({}),
    ))

  it('give no wrong signature and no wrong key under a profile of another library', async () => {
    const sm2 = (profile: Pkcs11Profile) => {
      if (profile.sm2 === undefined) throw new Error('no SM2')
      return profile.sm2
    }
    const wrong: readonly ((profile: Pkcs11Profile) => Pkcs11Profile)[] = [
      profile => ({ ...profile, sm2: { ...sm2(profile), sign: { ...sm2(profile).sign, output: 'raw' } } }),
      profile => ({ ...profile, sm2: { ...sm2(profile), sign: { ...sm2(profile).sign, mechanism: 0x80000777 } } }),
      profile => ({ ...profile, sm2: { ...sm2(profile), sign: { ...sm2(profile).sign, input: 'message' } } }),
    ]
    const message = randomBytes(32)
    const e = sm2Digest(signPoint, message)
    for (const change of wrong) {
      await withToken(
        [],
        ({ session }) => expectRejection('token.unsupported', session.sign('01', 'sm2-sm3', e, message)),
        change,
      )
    }
    await withToken(
      [],
      async ({ session }) => {
        expect(await expectRejection('token.unsupported', session.open('02', transport(randomBytes(16))))).toContain(
          'mechanism',
        )
      },
      profile => ({
        ...profile,
        sm2: { ...sm2(profile), decrypt: { ...sm2(profile).decrypt, mechanism: 0x80000777 } },
      }),
    )
    await withToken(
      [],
      async ({ session }) => {
        const plain = Uint8Array.from(randomBytes(32))
        expect(await session.open('02', transport(randomBytes(16), plain))).not.toEqual(plain)
      },
      profile => ({ ...profile, sm2: { ...sm2(profile), decrypt: { ...sm2(profile).decrypt, layout: 'C1C2C3' } } }),
    )
  })

  it('answer a new random key whatever is wrong with an envelope, and a token sees no point off the curve', () =>
    withToken([], async ({ session, p11 }) => {
      const plain = Uint8Array.from(randomBytes(32))
      const good = transport(randomBytes(16), plain)
      const flip = (bytes: Uint8Array, index: number) => bytes.map((byte, at) => (at === index ? byte ^ 1 : byte))
      const asked: readonly Sm2Transport[] = [
        { ...good, encryptedKey: flip(good.encryptedKey, good.encryptedKey.length - 1) },
        { ...good, encryptedKey: flip(good.encryptedKey, good.encryptedKey.length - 30) },
        { ...good, iv: good.iv.subarray(1) },
        { ...good, content: flip(good.content, 47) },
        { ...good, content: flip(good.content, 20) },
        { ...good, content: good.content.subarray(16) },
        { ...good, content: new Uint8Array(0) },
        transport(randomBytes(16), plain.subarray(1)),
        { ...good, encryptedKey: sm2Encrypt(signPoint, randomBytes(16)) },
      ]
      const notAsked: readonly Sm2Transport[] = [
        { ...good, encryptedKey: flip(good.encryptedKey, 10) },
        { ...good, encryptedKey: new Uint8Array(0) },
        { ...good, encryptedKey: good.encryptedKey.subarray(1) },
        transport(randomBytes(15)),
        transport(randomBytes(17)),
      ]
      expect(await session.open('02', good)).toEqual(plain)
      for (const [cases, calls] of [
        [asked, 2],
        [notAsked, 0],
      ] as const) {
        for (const each of cases) {
          p11.calls()
          const [first, second] = [await session.open('02', each), await session.open('02', each)]
          expect(first).toHaveLength(32)
          expect(first).not.toEqual(plain)
          expect(first).not.toEqual(second)
          expect(p11.calls().filter(name => name === 'C_Decrypt')).toHaveLength(calls)
        }
      }
      expect(await session.open('02', good)).toEqual(plain)
    }))

  it('open keys that begin with zeros', () =>
    withToken(['strip-zeros'], async ({ session }) => {
      for (const zeros of [1, 2, 16]) {
        const plain = Uint8Array.from(randomBytes(32))
        expect(await session.open('02', transport(randomBytes(16).fill(0, 0, zeros), plain))).toEqual(plain)
      }
    }))

  it('pass on what is wrong with the token, and not with the envelope', () =>
    withToken([], async ({ session, p11 }) => {
      p11.pullOut('bidder')
      await expectRejection('token.removed', session.open('02', transport(randomBytes(16))))
    }))

  it('refuse nonsense from the library', () =>
    withToken([], async ({ session, p11 }) => {
      const e = randomBytes(32)
      for (const fault of ['sign:garbage', 'sign:long'] as const) {
        p11.setFaults(fault)
        await expectRejection('token.unsupported', session.sign('01', 'sm2-sm3', e))
      }
      for (const fault of ['decrypt:garbage', 'decrypt:long'] as const) {
        p11.setFaults(fault)
        const plain = Uint8Array.from(randomBytes(32))
        const opened = await session.open('02', transport(randomBytes(16), plain))
        expect(opened).toHaveLength(32)
        expect(opened).not.toEqual(plain)
      }
      p11.setFaults()
      expect(await session.sign('01', 'sm2-sm3', e)).toBeInstanceOf(Uint8Array)
    }))
})
