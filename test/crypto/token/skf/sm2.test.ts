import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { openEnvelopeGm, wrapKeyGm } from '../../../../crypto/cms/gm/envelope.ts'
import { sm2VerifyDigest } from '../../../../crypto/sm/sm2/index.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import type { SkfProfile } from '../../../../crypto/token/profiles/driver-profile.ts'
import type { SoftSkfBuild } from '../../../fakes/skf/build.ts'
import { softSkfVendors } from '../../../fakes/skf/soft-skf.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { digest, envelopeFor, keysOf, opens, pointOf, signs, useSkf } from './rig.ts'

const { bidder, rival } = gmCa()

/** Each way to open an SM2 envelope, and the function that does it. */
const ways: readonly (readonly [string, SoftSkfBuild, SkfProfile, string, string])[] = [
  ['at once, packed', 'packed', { layout: 'packed' }, '', 'SKF_Decrypt'],
  ['at once, natural', 'natural', { layout: 'natural' }, '', 'SKF_Decrypt'],
  ['at once, with what is indispensable', 'minimal', {}, '', 'SKF_Decrypt'],
  ['by blocks, packed', 'packed', { decrypt: 'by-blocks' }, 'by-blocks', 'SKF_DecryptUpdate'],
  ['by blocks, natural', 'natural', { decrypt: 'by-blocks' }, 'by-blocks', 'SKF_DecryptUpdate'],
  ...(['packed', 'natural'] as const).map(
    layout =>
      [
        `by a vendor’s function, ${layout}`,
        layout,
        { layout, ...softSkfVendors.longmai },
        'vendor=longmai',
        'SKF_ECCPrvKeyDecrypt',
      ] as const,
  ),
]

describe.each(ways)('SM2 through SKF, %s', (_name, build, profile, quirks, opening) => {
  const rig = useSkf({ build, profile, quirks })
  const isVendor = quirks.startsWith('vendor')

  it('signs e = SM3(Z ‖ M), which verifies in software', async () => {
    rig().addBidder('KEY-A')
    const signature = await rig().withLogin('KEY-A', async session => {
      const signer = await signerFromToken(session, await session.certificates())
      expect(signer.algorithms).toEqual(['sm2-sm3'])
      return signer.sign('sm2-sm3', digest)
    })
    expect(sm2VerifyDigest(pointOf(bidder), digest, signature)).toBe(true)
  })

  it('opens an envelope, and wipes the way behind it', async () => {
    rig().addBidder('KEY-A')
    const key = randomBytes(32)
    const envelope = wrapKeyGm(key, { recipient: parseCertificate(bidder.decrypt.certificate) })
    const opened = await rig().withLogin('KEY-A', async session =>
      openEnvelopeGm(envelope, keyOpenerFromToken(session, await session.certificates())),
    )
    expect(key.equals(opened)).toBe(true)
    const calls = rig().skf.calls()
    expect(calls).toContain(opening)
    // The SM4 key is in the token, or it is on the host: never both ways for one envelope.
    expect(calls.includes('SKF_ImportSessionKey')).toBe(!isVendor)
    expect(calls.includes('SKF_CloseHandle')).toBe(!isVendor)
    expect(calls.slice(-3, -1)).toEqual(['SKF_ClearSecureState', 'SKF_CloseApplication'])
  })

  it('takes content with its padding and without it, nothing else', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      expect(await opens(session)).toBe(true)
      // A token that takes the padding off itself.
      rig().setFault('unpadded')
      expect(await opens(session)).toBe(true)
      rig().setFault(isVendor || opening === 'SKF_Decrypt' ? `short:${opening}` : `garbage:${opening}`)
      expect(await opens(session)).toBe(false)
      rig().setFault(`garbage:${opening}`)
      expect(await opens(session)).toBe(false)
      rig().setFault(`length:${opening}`)
      expect(await expectRejection('token.unsupported', opens(session))).toContain(opening)
    })
  })

  it('answers random bytes for whatever is wrong with an envelope', async () => {
    rig().addBidder('KEY-A')
    const other = envelopeFor(rival).transport
    await rig().withLogin('KEY-A', async session => {
      const before = rig().skf.openHandles()
      expect(await opens(session, { encryptedKey: other.encryptedKey })).toBe(false)
      expect(await opens(session, { encryptedKey: Uint8Array.of(1, 2, 3) })).toBe(false)
      expect(await opens(session, { iv: new Uint8Array(15) })).toBe(false)
      expect(await opens(session, { content: new Uint8Array(32) })).toBe(false)
      expect(await opens(session, { content: new Uint8Array(48) })).toBe(false)
      for (const code of ['0A000001', '0A000011', '0A00001E']) {
        rig().setFault(`fail:${opening}:${code},fail:SKF_ImportSessionKey:${code}`)
        expect(await opens(session)).toBe(false)
        rig().setFault(`fail:${opening}:${code}`)
        expect(await opens(session)).toBe(false)
      }
      // Whatever happened, what was opened is closed again, and the session is as good as before.
      expect(rig().skf.openHandles()).toBe(before)
      rig().setFault('')
      expect(await opens(session)).toBe(true)
    })
  })

  it('says which vendor error it met when the token cannot do it', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      rig().setFault(`fail:${opening}:0B000017`)
      expect(await expectRejection('token.unsupported', opens(session))).toContain('vendor error 0x0b000017')
      rig().setFault(`fail:${opening}:0A000003`)
      expect(await expectRejection('token.unsupported', opens(session))).toContain('SAR_NOTSUPPORTYETERR')
    })
  })

  it('refuses signatures that are none or another key’s, and takes a structure that is longer', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      rig().setFault('length:SKF_ECCSignData')
      expect(await signs(session)).toBe(true)
      rig().setFault('garbage:SKF_ECCSignData')
      await expectRejection('token.unsupported', signs(session))
      rig().setFault('wrong:SKF_ECCSignData')
      await expectRejection('token.unsupported', signs(session))
    })
  })

  it('refuses what is not for this kind of key, and other digests', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      const { sign, decrypt } = await keysOf(session)
      const rsa = { kind: 'rsa-oaep-sha256', encryptedKey: randomBytes(256) } as const
      await expectRejection('token.unsupported', session.open(decrypt, rsa))
      await expectRejection('token.wrong-lock', session.open(sign, envelopeFor(bidder).transport))
      await expectRejection('token.unsupported', session.sign(sign, 'rsa-pkcs1-sha256', digest))
      await expectRejection('arguments.bad', session.sign(sign, 'sm2-sm3', new Uint8Array(20)))
      await expectRejection('token.wrong-lock', session.sign(decrypt, 'sm2-sm3', digest))
    })
  })
})

describe('the standard’s way of a library that has it otherwise', () => {
  const rig = useSkf({ build: 'packed' })

  it('does not blame the envelope for a refusal of the parameters', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      rig().setFault('fail:SKF_DecryptInit:0A000006')
      expect(await expectRejection('token.unsupported', opens(session))).toContain('SAR_INVALIDPARAMERR')
    })
  })

  it('decrypts at once unless the profile says otherwise, and says so where the token cannot', async () => {
    rig().addBidder('KEY-A')
    rig().setQuirks('by-blocks')
    await rig().withLogin('KEY-A', async session => {
      expect(await expectRejection('token.unsupported', opens(session))).toContain('SKF_Decrypt: SAR_NOTSUPPORTYETERR')
    })
  })
})

describe.each(Object.entries(softSkfVendors))('the functions of %s', (vendor, profile) => {
  const rig = useSkf({ build: 'extensions-only', profile, quirks: `vendor=${vendor}` })

  it('open with the argument list of the profile, and leave padding to the host', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => expect(await opens(session)).toBe(true))
    expect(rig().skf.calls()).toContain(profile.sm2Extension.name)
  })
})

describe('a library with no more than a vendor’s own function', () => {
  const rig = useSkf({ build: 'extensions-only', quirks: 'vendor=longmai' })

  it('opens nothing without a profile: none of its functions is ever tried', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      expect(await expectRejection('token.unsupported', opens(session))).toContain('its profile names no function')
    })
    expect(
      rig()
        .skf.calls()
        .filter(name => name.includes('Decrypt')),
    ).toEqual([])
  })
})

describe('a profile that names a function which the library lacks', () => {
  const sm2Extension = { name: 'SKF_NoSuchDecrypt', selector: 'none', input: 'blob' } as const
  const standard = useSkf({ build: 'packed', profile: { sm2Extension } })

  it('falls back on the standard’s way', async () => {
    standard().addBidder('KEY-A')
    await standard().withLogin('KEY-A', async session => expect(await opens(session)).toBe(true))
  })
})

describe('a profile that names a function of the standard', () => {
  const sm2Extension = { name: 'SKF_ClearSecureState', selector: 'none', input: 'blob' } as const
  const rig = useSkf({ build: 'extensions-only', profile: { sm2Extension } })

  it('does not make it be called as a vendor’s', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      expect(await expectRejection('token.unsupported', opens(session))).toContain('SKF_ClearSecureState')
    })
  })
})
