import { constants, createHash, publicEncrypt, randomBytes, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf } from '../../../../crypto/cert/certificate.ts'
import type { KeyTransport } from '../../../../crypto/envelope/key-opener.ts'
import { openSealedBid } from '../../../../crypto/envelope/open.ts'
import { unwrapPartKeys } from '../../../../crypto/envelope/part-keys.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import type { TokenSession } from '../../../../crypto/token/port.ts'
import { softSkfVendors } from '../../../fakes/skf/soft-skf.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { makeSealedBid, memorySink, verifyFixture } from '../../../fixtures/sealed-bid.ts'
import { envelopeFor, keysOf, pin, type SkfRig, useSkf } from './rig.ts'

const { bidder, rival } = practiceCa()

function addRsa({ skf }: SkfRig): void {
  skf.addLock({ device: 'KEY-RSA', pin, containers: [{ name: 'rsa', sign: bidder.sign, encrypt: bidder.decrypt }] })
}

function transportOf(kind: 'rsa-pkcs1' | 'rsa-oaep-sha256', key: Uint8Array, certificate: Uint8Array): KeyTransport {
  const publicKey = publicKeyOf(parseCertificate(certificate))
  const padding = kind === 'rsa-pkcs1' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING
  const encryptedKey = publicEncrypt(
    { key: publicKey, padding, ...(kind === 'rsa-pkcs1' ? {} : { oaepHash: 'sha256' }) },
    key,
  )
  return kind === 'rsa-pkcs1' ? { kind, encryptedKey, keyLength: key.length } : { kind, encryptedKey }
}

/** Opens a transport to the bidder and answers whether it gave the key; whatever it gives has the key's length. */
async function opensRsa(
  session: TokenSession,
  kind: 'rsa-pkcs1' | 'rsa-oaep-sha256',
  certificate = bidder.decrypt.certificate,
): Promise<boolean> {
  const key = randomBytes(32)
  const { decrypt } = await keysOf(session)
  const opened = await session.open(decrypt, transportOf(kind, key, certificate))
  expect(opened).toHaveLength(32)
  return key.equals(opened)
}

describe.each(['packed', 'natural', 'minimal'] as const)('RSA through a %s SKF library', build => {
  const rig = useSkf({ build })

  it('signs DigestInfo with PKCS#1 v1.5 padding, which verifies in software', async () => {
    addRsa(rig())
    const message = randomBytes(100)
    const digest = createHash('sha256').update(message).digest()
    await rig().withLogin('KEY-RSA', async session => {
      const signer = await signerFromToken(session, await session.certificates())
      expect(signer.algorithms).toEqual(['rsa-pkcs1-sha256'])
      const signature = await signer.sign('rsa-pkcs1-sha256', digest)
      expect(verify('sha256', message, publicKeyOf(parseCertificate(bidder.sign.certificate)), signature)).toBe(true)
      await expectRejection('token.unsupported', signer.sign('sm2-sm3', digest))
      await expectRejection('token.unsupported', signer.sign('rsa-pss-sha256', digest))
    })
  })

  it('refuses signatures that are none, and lengths that cannot be', async () => {
    addRsa(rig())
    await rig().withLogin('KEY-RSA', async session => {
      const { sign } = await keysOf(session)
      for (const fault of ['garbage', 'length', 'grows']) {
        rig().setFault(`${fault}:SKF_RSASignData`)
        await expectRejection('token.unsupported', session.sign(sign, 'rsa-pkcs1-sha256', randomBytes(32)))
      }
    })
  })

  it('says that the standard opens no RSA envelope where the profile names nothing else', async () => {
    rig().setQuirks('vendor=longmai')
    addRsa(rig())
    await rig().withLogin('KEY-RSA', async session => {
      expect(await expectRejection('token.unsupported', opensRsa(session, 'rsa-pkcs1'))).toContain('GM/T 0016 has none')
    })
    expect(
      rig()
        .skf.calls()
        .filter(name => name.includes('Decrypt')),
    ).toEqual([])
  })
})

const vendors = Object.entries(softSkfVendors).flatMap(([vendor, profile]) =>
  'rsaExtension' in profile ? [[vendor, profile, profile.rsaExtension.name] as const] : [],
)

describe.each(vendors)('RSA decryption of %s', (vendor, profile, name) => {
  const rig = useSkf({ build: 'natural', profile, quirks: `vendor=${vendor}` })

  it('opens PKCS#1 v1.5 that the function takes the padding off, and OAEP of none', async () => {
    addRsa(rig())
    await rig().withLogin('KEY-RSA', async session => {
      expect(await opensRsa(session, 'rsa-pkcs1')).toBe(true)
      // A function that takes one padding off finds the other one bad.
      expect(await opensRsa(session, 'rsa-oaep-sha256')).toBe(false)
    })
    expect(rig().skf.calls()).toContain(name)
  })
})

describe.each(['packed', 'natural'] as const)('the RSA functions of a vendor, in a %s library', build => {
  const profile = { layout: build, ...softSkfVendors.longmai }
  const rig = useSkf({ build, profile, quirks: 'vendor=longmai' })

  it.each(['rsa-block', 'rsa-zeros'])(
    'decodes either padding on the host where the answer is a block (%s)',
    async quirk => {
      addRsa(rig())
      rig().setQuirks(`vendor=longmai,${quirk}`)
      await rig().withLogin('KEY-RSA', async session => {
        for (let time = 0; time < 5; time += 1) {
          expect(await opensRsa(session, 'rsa-pkcs1')).toBe(true)
          expect(await opensRsa(session, 'rsa-oaep-sha256')).toBe(true)
        }
      })
    },
  )

  it.each(['', ',rsa-block'])('answers random bytes for whatever is wrong with a ciphertext%s', async quirk => {
    addRsa(rig())
    rig().setQuirks(`vendor=longmai${quirk}`)
    await rig().withLogin('KEY-RSA', async session => {
      const { decrypt } = await keysOf(session)
      for (const kind of ['rsa-pkcs1', 'rsa-oaep-sha256'] as const) {
        expect(await opensRsa(session, kind, rival.decrypt.certificate)).toBe(false)
      }
      const open = (encryptedKey: Uint8Array): Promise<Uint8Array> =>
        session.open(decrypt, { kind: 'rsa-pkcs1', encryptedKey, keyLength: 32 })
      for (const bad of [new Uint8Array(256), new Uint8Array(0), new Uint8Array(257), new Uint8Array(256).fill(255)]) {
        const [one, two] = [await open(bad), await open(bad)]
        expect(one).toHaveLength(32)
        expect(one).not.toEqual(two)
      }
      rig().setFault('short:SKF_RSAPrvKeyDecrypt')
      expect(await opensRsa(session, 'rsa-pkcs1')).toBe(false)
      rig().setFault('garbage:SKF_RSAPrvKeyDecrypt')
      expect(await opensRsa(session, 'rsa-pkcs1')).toBe(false)
      rig().setFault('length:SKF_RSAPrvKeyDecrypt')
      await expectRejection('token.unsupported', opensRsa(session, 'rsa-pkcs1'))
      rig().setFault('')
      expect(await opensRsa(session, 'rsa-pkcs1')).toBe(true)
    })
  })

  it('reports a removal in the middle, even behind a general code', async () => {
    addRsa(rig())
    const session = await rig().login('KEY-RSA')
    rig().setFault('remove:SKF_RSAPrvKeyDecrypt,fail:SKF_RSAPrvKeyDecrypt')
    await expectRejection('token.removed', opensRsa(session, 'rsa-pkcs1'))
  })

  it('refuses an SM2 envelope to an RSA key', async () => {
    addRsa(rig())
    await rig().withLogin('KEY-RSA', async session => {
      const { decrypt } = await keysOf(session)
      await expectRejection('token.unsupported', session.open(decrypt, envelopeFor(gmCa().bidder).transport))
    })
  })

  it.each([
    ['OAEP, where the function answers blocks', ',rsa-block'],
    ['PKCS#1 v1.5, where it takes the padding off', ''],
  ])('seals an intl-1 bid with a lock and opens it with the same: %s', async (_padding, quirk) => {
    addRsa(rig())
    rig().setQuirks(`vendor=longmai${quirk}`)
    await rig().withLogin('KEY-RSA', async session => {
      const certificates = await session.certificates()
      const opener = keyOpenerFromToken(session, certificates)
      const signer = await signerFromToken(session, certificates, { issuerPool: [practiceCa().intermediate] })
      const fixture = await makeSealedBid({
        selfTest: true,
        change: options => ({
          ...options,
          signer,
          recipients: options.recipients.map(recipient => ({ ...recipient, opener })),
        }),
      })
      try {
        expect(fixture.outcome.recipients).toMatchObject([{ role: 'main', proved: true }])
        const verified = await verifyFixture(fixture)
        const { keys } = await unwrapPartKeys(verified, opener)
        const sink = memorySink()
        await openSealedBid(verified, keys, sink)
        expect(sink.received).toEqual(fixture.contents)
      } finally {
        fixture.remove()
      }
    })
  })
})
