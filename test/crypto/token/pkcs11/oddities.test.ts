import { constants, createECDH, createHash, publicEncrypt, randomBytes, sign as nodeSign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf } from '../../../../crypto/cert/certificate.ts'
import { decodeAuthEnveloped } from '../../../../crypto/cms/auth-enveloped.ts'
import { decodeKeyAgreement } from '../../../../crypto/cms/key-agreement.ts'
import { intl1 } from '../../../../crypto/suites/intl-1.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../../fixtures/practice-ca.ts'
import { curveKeys, type SoftBench, withToken } from '../../../fixtures/soft-bench.ts'
import { bidderKeys, type SoftPkcs11Key, softPkcs11Pin, type SoftPkcs11Quirk } from '../../../fixtures/soft-pkcs11.ts'

const ca = practiceCa()
const { bidder, rival } = ca
const message = randomBytes(40)

const keySets: readonly (readonly [string, readonly SoftPkcs11Key[]])[] = [
  ['RSA', bidderKeys(bidder)],
  ['P-256', curveKeys('P-256')],
  ['P-384', curveKeys('P-384')],
]

async function expectWorks({ session }: SoftBench, rounds = 2): Promise<void> {
  const certificates = await session.certificates()
  const signer = await signerFromToken(session, certificates)
  const opener = keyOpenerFromToken(session, certificates)
  for (let round = 0; round < rounds; round += 1) {
    for (const algorithm of signer.algorithms) {
      intl1.verifyDetached(message, await intl1.signDetached(message, { ...signer, algorithms: [algorithm] }, null))
    }
    const key = Uint8Array.from(randomBytes(32))
    const recipient = parseCertificate(opener.certificate)
    for (const padding of ['oaep', 'pkcs1'] as const) {
      expect(await intl1.openEnvelope(intl1.wrapKey(key, { recipient, padding }), opener)).toEqual(key)
    }
  }
}

describe.each(keySets)('%s keys on a library of its own habits', (_, keys) => {
  const habits: readonly (readonly SoftPkcs11Quirk[])[] = [
    [],
    ['no-id'],
    ['no-modulus'],
    ['no-id', 'no-modulus'],
    ['bare-ec-point', 'private-ec-point', 'no-id'],
    ['private-ec-point'],
    ['always-authenticate'],
  ]
  it.each(habits.map(quirks => [quirks.join(' ') || 'none', quirks] as const))('sign and open: %s', (_name, quirks) =>
    withToken(quirks, keys, bench => expectWorks(bench)),
  )

  it('sign and open where leading zeros are stripped', () =>
    withToken(['strip-zeros'], keys, bench => expectWorks(bench, 3)))

  it('are found where both pairs have one id', () =>
    withToken(
      [],
      keys.map(key => ({ ...key, id: '07' })),
      async bench => {
        await expectWorks(bench)
        expect((await bench.session.certificates()).filter(({ uses }) => uses.length > 0)).toHaveLength(2)
      },
    ))

  it('refuse nonsense from the library', () =>
    withToken([], keys, async ({ session, p11 }) => {
      const digest = createHash('sha256').update(message).digest()
      const [algorithm = 'rsa-pkcs1-sha256'] = await session.algorithms('01')
      for (const fault of ['sign:garbage', 'sign:long'] as const) {
        p11.setFaults(fault)
        await expectRejection('token.unsupported', session.sign('01', algorithm, digest))
      }
      p11.setFaults()
      await session.sign('01', algorithm, digest)
    }))
})

describe('a key agreed on by a library', () => {
  const keys = curveKeys('P-256')
  const recipient = parseCertificate(keys[1]?.certificate ?? new Uint8Array(0))
  const key = Uint8Array.from(randomBytes(32))
  const envelope = () => intl1.wrapKey(key, { recipient, padding: 'oaep' })

  /** One whose agreed secret begins with a zero, as one in 256 does. */
  function envelopeWithZero(): Uint8Array {
    const ecdh = createECDH('prime256v1')
    ecdh.setPrivateKey(Buffer.from(testKey('odd-decrypt', 'P-256').export({ format: 'jwk' }).d ?? '', 'base64url'))
    for (;;) {
      const made = envelope()
      const { ephemeralPoint } = decodeKeyAgreement(decodeAuthEnveloped(made).recipientInfo)
      if (ecdh.computeSecret(ephemeralPoint)[0] === 0) return made
    }
  }

  it('is whole where the secret’s leading zeros are stripped', () =>
    withToken(['strip-zeros'], keys, async ({ session, p11 }) => {
      const opener = keyOpenerFromToken(session, await session.certificates())
      for (let found = 0; found < 3; found += 1) {
        const zero = envelopeWithZero()
        p11.calls()
        expect(await intl1.openEnvelope(zero, opener)).toEqual(key)
        // The first time the library refuses the length that its secret lacks.
        expect(p11.calls().filter(name => name === 'C_DeriveKey')).toHaveLength(2)
      }
    }))

  it('is taken off the token again', () =>
    withToken([], keys, async ({ session, p11 }) => {
      const opener = keyOpenerFromToken(session, await session.certificates())
      p11.calls()
      await intl1.openEnvelope(envelope(), opener)
      expect(p11.calls().filter(name => /Derive|Destroy/.test(name))).toEqual(['C_DeriveKey', 'C_DestroyObject'])
    }))
})

describe('a token with other things on it', () => {
  it.each([[[]], [['no-modulus']], [['no-modulus', 'no-id']]] as const)(
    'does not give a certificate without a key the only key there is (%s)',
    quirks =>
      withToken(quirks, bidderKeys(bidder).slice(0, 1), async ({ p11, driver }) => {
        const keys = bidderKeys(bidder).slice(0, 1)
        const uri = p11.addLock({ token: 'other', keys, intermediates: [rival.sign.certificate] })
        const session = await driver.login(uri, softPkcs11Pin)
        const used = (await session.certificates()).filter(({ uses }) => uses.length > 0)
        expect(used.map(({ certificate }) => Buffer.from(certificate))).toEqual([Buffer.from(bidder.sign.certificate)])
      }),
  )

  it('works beside an old certificate of a key that is too short to be used', () => {
    const weak = ca.issue('weak', { profile: 'sign', publicKey: publicKeyInfo(testKey('weak', 'rsa-1024')) })
    const old: SoftPkcs11Key = {
      id: '09',
      label: 'old',
      use: 'sign',
      privateKey: testKey('weak', 'rsa-1024'),
      certificate: weak.certificate,
    }
    return withToken([], [old, ...bidderKeys(bidder)], async ({ session }) => {
      const digest = createHash('sha256').update(message).digest()
      expect(await session.sign('01', 'rsa-pkcs1-sha256', digest)).toHaveLength(256)
      await expectRejection('cert.unsupported', session.sign('09', 'rsa-pkcs1-sha256', digest))
    })
  })
})

describe('an RSA block', () => {
  it('of a signature is as long as the modulus', () =>
    withToken(['strip-zeros'], bidderKeys(bidder), async ({ session }) => {
      for (let tries = 0; tries < 4000; tries += 1) {
        const text = randomBytes(8)
        const signature = nodeSign('sha256', text, bidder.sign.privateKey)
        if (signature[0] !== 0) continue
        const digest = createHash('sha256').update(text).digest()
        expect(Buffer.from(await session.sign('01', 'rsa-pkcs1-sha256', digest))).toEqual(signature)
        return
      }
      throw new Error('no signature with a leading zero in 4000')
    }))

  it('is opened whole where the library strips its zeros, by OAEP and PKCS#1 v1.5', () =>
    withToken(['strip-zeros'], bidderKeys(bidder), async ({ session }) => {
      const publicKey = publicKeyOf(parseCertificate(bidder.decrypt.certificate))
      for (let round = 0; round < 30; round += 1) {
        const key = Uint8Array.from(randomBytes(32))
        const oaep = publicEncrypt({ key: publicKey, oaepHash: 'sha256' }, key)
        const pkcs1 = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key)
        expect(await session.open('02', { kind: 'rsa-oaep-sha256', encryptedKey: oaep })).toEqual(key)
        expect(await session.open('02', { kind: 'rsa-pkcs1', encryptedKey: pkcs1, keyLength: 32 })).toEqual(key)
      }
    }))
})
