import { describe, expect, it } from 'vitest'
import { signerFromToken } from '../../../../crypto/token/identities.ts'
import { openSkfDriver } from '../../../../crypto/token/skf/driver.ts'
import { parseTokenUri } from '../../../../crypto/token/uri.ts'
import { sm2VerifyDigest } from '../../../../crypto/sm/sm2/index.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { digest, pin, pointOf, signs, useSkf } from './rig.ts'

const { bidder, rival, intermediate } = gmCa()

describe.each(['packed', 'natural', 'minimal'] as const)('tokens of a %s SKF library', build => {
  const rig = useSkf({ build })

  it('lists a token with both certificates and the tries that are left, without a PIN', async () => {
    const { skf } = rig()
    rig().addBidder('KEY-A')
    const token = await rig().token('KEY-A')
    expect(token).toMatchObject({ kind: 'skf', label: '软锁 KEY-A', manufacturer: 'BidSeal', serial: 'KEY-A-0001' })
    expect(token.pin).toEqual(
      build === 'minimal'
        ? { state: 'unknown', protectedPath: false }
        : { state: 'ok', triesLeft: 6, isDefault: false, protectedPath: false },
    )
    expect(token.mechanisms).toEqual(['SGD_SM4', 'SGD_RSA', 'SGD_SM2', 'SGD_SM3', 'SGD_SHA1', 'SGD_SHA256'])
    expect(token.certificates.map(({ certificate, uses, label }) => ({ certificate, uses, label }))).toEqual([
      { certificate: bidder.sign.certificate, uses: ['sign'], label: '公章' },
      { certificate: bidder.decrypt.certificate, uses: ['decrypt'], label: '公章' },
    ])
    expect(parseTokenUri(token.uri)).toMatchObject({ kind: 'skf', application: 'BIDSEAL', modulePath: skf.modulePath })
    expect(skf.calls()).not.toContain('SKF_VerifyPIN')
    expect(skf.openHandles()).toBe(0)
  })

  it('tells the library by its file and the manufacturer of what is plugged in', async () => {
    const { skf, driver } = rig()
    expect(await driver.module()).toMatchObject({ path: skf.modulePath, manufacturer: '' })
    rig().addBidder('KEY-A')
    expect(await driver.module()).toMatchObject({ path: skf.modulePath, manufacturer: 'BidSeal' })
  })

  it('knows a token by its name, and the wrong one by it too', async () => {
    const { driver } = rig()
    rig().addBidder('KEY-A')
    rig().addBidder('KEY-B', rival)
    await expectRejection('token.absent', driver.login('skf:serial=none', pin))
    await expectRejection('arguments.bad', driver.login('pkcs11:serial=none', pin))
    await expectRejection('token.wrong-lock', driver.login('skf:manufacturer=BidSeal', pin))
    await (await driver.login('skf:serial=KEY-A-0001', pin)).close()
  })

  it('lists the good devices beside one that fails, and says what is wrong when all do', async () => {
    const { skf, driver } = rig()
    rig().addBidder('KEY-A')
    skf.addLock({ device: 'KEY-BAD', pin, containers: [] })
    const blank = '\n\u001b\n\n\n'
    skf.addBlank('KEY-WORSE', blank)
    expect((await driver.list()).map(({ serial }) => serial)).toEqual(['KEY-A-0001', 'KEY-BAD-0001'])
    rig().setFault('garbage:SKF_GetDevInfo')
    await expectRejection('token.unsupported', driver.list())
  })

  it('refuses lengths that cannot be', async () => {
    rig().addBidder('KEY-A')
    for (const name of ['SKF_EnumDev', 'SKF_EnumApplication', 'SKF_EnumContainer', 'SKF_ExportCertificate']) {
      rig().setFault(`length:${name}`)
      await expectRejection('token.unsupported', rig().driver.list())
    }
    rig().setFault('grows:SKF_EnumDev')
    await expectRejection('token.unsupported', rig().driver.list())
    rig().setFault('garbage:SKF_ExportCertificate')
    expect((await rig().token('KEY-A')).certificates).toEqual([])
    rig().setFault('')
    expect((await rig().token('KEY-A')).certificates).toHaveLength(2)
  })

  it('shows certificates only after the login where the token wants it so', async () => {
    rig().addBidder('KEY-A')
    rig().setQuirks('private')
    expect((await rig().token('KEY-A')).certificates).toEqual([])
    await rig().withLogin('KEY-A', async session => {
      expect(await session.certificates()).toHaveLength(2)
      expect((await rig().token('KEY-A')).certificates).toHaveLength(2)
    })
  })

  it('takes a vendor’s own codes for what is absent', async () => {
    rig().setQuirks('vendor-codes')
    rig().skf.addLock({ device: 'KEY-A', pin, containers: [{ name: 'a', sign: bidder.sign }, { name: 'b' }] })
    expect((await rig().token('KEY-A')).certificates).toMatchObject([{ uses: ['sign'] }])
  })

  it('finds the key of a certificate by the public key, wherever the vendor has put it', async () => {
    rig().skf.addLock({
      device: 'KEY-TWO',
      pin,
      containers: [
        { name: 'a', sign: { privateKey: bidder.sign.privateKey, certificate: rival.sign.certificate } },
        { name: 'b', encrypt: bidder.decrypt },
        { name: 'c', sign: { certificate: bidder.sign.certificate } },
        { name: 'issuer', sign: { certificate: intermediate } },
      ],
    })
    const { certificates } = await rig().token('KEY-TWO')
    const usesOf = (der: Uint8Array): readonly string[] | undefined =>
      certificates.find(({ certificate }) => Buffer.from(certificate).equals(der))?.uses
    expect(usesOf(bidder.decrypt.certificate)).toEqual(['decrypt'])
    expect(usesOf(intermediate)).toEqual([])
    if (build === 'minimal') return
    expect(usesOf(bidder.sign.certificate)).toEqual(['sign'])
    expect(usesOf(rival.sign.certificate)).toEqual([])
    await rig().withLogin('KEY-TWO', async session => {
      const signer = await signerFromToken(session, await session.certificates())
      expect(sm2VerifyDigest(pointOf(bidder), digest, await signer.sign('sm2-sm3', digest))).toBe(true)
      expect(signer.intermediates).toEqual([intermediate])
    })
  })

  it('gives no use to a certificate in a container of another kind, or in an empty one', async () => {
    const rsa = practiceCa().bidder
    rig().skf.addLock({
      device: 'KEY-MIXED',
      pin,
      containers: [
        { name: 'rsa', sign: rsa.sign },
        { name: 'rsa-with-sm2', sign: { ...rsa.sign, certificate: bidder.sign.certificate } },
        { name: 'empty', encrypt: { certificate: rival.decrypt.certificate } },
      ],
    })
    const { certificates } = await rig().token('KEY-MIXED')
    expect(certificates.map(({ label, uses }) => [label, uses])).toEqual([
      ['rsa', ['sign']],
      ['empty', []],
      ['rsa-with-sm2', []],
    ])
  })

  it('uses no key whose coordinates stand where the standard has none', async () => {
    rig().setQuirks('left-aligned')
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      expect(await expectRejection('token.unsupported', signs(session))).toContain('no signature')
    })
  })

  it('is closed for good, with its sessions', async () => {
    rig().addBidder('KEY-A')
    const other = await openSkfDriver(rig().skf.modulePath)
    const session = await other.login('skf:serial=KEY-A-0001', pin)
    await other.close()
    await other.close()
    await expectRejection('token.removed', session.certificates())
    await expectRejection('token.driver-unavailable', other.list())
  })
})
