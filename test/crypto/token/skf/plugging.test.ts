import { describe, expect, it } from 'vitest'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { digest, envelopeFor, keysOf, opens, pin, signs, useSkf } from './rig.ts'

const { bidder, rival } = gmCa()

/** Functions by which certificates and keys come over. */
const reading = /^SKF_(EnumApplication|EnumContainer|OpenContainer|Export)/

describe.each(['packed', 'natural', 'minimal'] as const)('plugging in a %s SKF library', build => {
  const rig = useSkf({ build })

  it('reports a token that is pulled out, and finds it again when it is back', async () => {
    rig().addBidder('KEY-A')
    const session = await rig().login('KEY-A')
    const { sign, decrypt } = await keysOf(session)
    rig().skf.pullOut('KEY-A')
    expect(await rig().driver.list()).toEqual([])
    await expectRejection('token.removed', session.sign(sign, 'sm2-sm3', digest))
    await expectRejection('token.absent', rig().login('KEY-A'))
    rig().skf.plugIn('KEY-A')
    await expectRejection('token.removed', session.open(decrypt, envelopeFor(bidder).transport))
    await rig().withLogin('KEY-A', async again => expect(await opens(again)).toBe(true))
  })

  it('reports a token that was pulled out and put back while nobody looked', async () => {
    rig().addBidder('KEY-A')
    const session = await rig().login('KEY-A')
    const { sign } = await keysOf(session)
    rig().skf.pullOut('KEY-A')
    rig().skf.plugIn('KEY-A')
    await expectRejection('token.removed', session.sign(sign, 'sm2-sm3', digest))
    await rig().withLogin('KEY-A', async again => expect(await signs(again)).toBe(true))
  })

  it('goes on after fifty plug cycles with a session each, and keeps no handle', async () => {
    rig().addBidder('KEY-A')
    for (let cycle = 0; cycle < 50; cycle += 1) {
      const { uri } = await rig().token('KEY-A')
      const session = await rig().driver.login(uri, pin)
      const { sign } = await keysOf(session)
      rig().skf.pullOut('KEY-A')
      // Now and then somebody looks while it is out.
      if (cycle % 2 === 0) expect(await rig().driver.list()).toEqual([])
      await expectRejection('token.removed', session.sign(sign, 'sm2-sm3', digest))
      expect(rig().skf.openHandles()).toBe(0)
      rig().skf.plugIn('KEY-A')
    }
    await rig().withLogin('KEY-A', async session => expect(await opens(session)).toBe(true))
  })

  it('goes on after fifty plug cycles of a token beside one that is in use', async () => {
    rig().addBidder('KEY-A')
    rig().addBidder('KEY-B', rival)
    await rig().withLogin('KEY-A', async session => {
      for (let cycle = 0; cycle < 50; cycle += 1) {
        expect(await rig().driver.list()).toHaveLength(2)
        rig().skf.pullOut('KEY-B')
        expect(await rig().driver.list()).toHaveLength(1)
        rig().skf.plugIn('KEY-B')
        expect(rig().skf.openHandles()).toBeLessThanOrEqual(2)
      }
      expect(await opens(session)).toBe(true)
    })
  })

  it('reads the certificates of a token once for as long as it is plugged in', async () => {
    rig().addBidder('KEY-A')
    const first = await rig().token('KEY-A')
    rig().skf.calls()
    expect(await rig().token('KEY-A')).toEqual(first)
    const calls = rig().skf.calls()
    expect(calls.filter(name => reading.test(name))).toEqual([])
    expect(calls.length).toBeLessThanOrEqual(10)
    rig().skf.pullOut('KEY-A')
    expect(await rig().driver.list()).toEqual([])
    rig().skf.plugIn('KEY-A')
    rig().skf.calls()
    expect(await rig().token('KEY-A')).toEqual(first)
    expect(rig().skf.calls()).toContain('SKF_ExportCertificate')
  })

  it('asks a token that is in use for its tries at most, and others for nothing', async () => {
    rig().addBidder('KEY-A')
    rig().addBidder('KEY-B', rival)
    await rig().driver.list()
    await rig().withLogin('KEY-A', async () => {
      rig().skf.calls()
      expect(await rig().driver.list()).toHaveLength(2)
      const asked = rig()
        .skf.calls()
        .filter(name => !['SKF_EnumDev', 'SKF_GetDevState', 'SKF_GetPINInfo'].includes(name))
      expect(asked).toEqual([])
    })
  })

  it('looks again after a login, and at a token that had nothing to show', async () => {
    rig().addBidder('KEY-A')
    rig().setQuirks('private')
    expect((await rig().token('KEY-A')).certificates).toEqual([])
    rig().setQuirks('')
    expect((await rig().token('KEY-A')).certificates).toHaveLength(2)
    rig().skf.calls()
    await rig().withLogin('KEY-A', () => Promise.resolve())
    expect(rig().skf.calls()).toContain('SKF_ExportCertificate')
  })

  it('knows a token by its serial number, not by the name of its device', async () => {
    rig().addBidder('KEY-A')
    rig().addBidder('KEY-B', rival)
    rig().skf.pullOut('KEY-B')
    const [first] = await rig().driver.list()
    rig().skf.swap('KEY-A', 'KEY-B')
    const [second] = await rig().driver.list()
    expect([first?.serial, second?.serial]).toEqual(['KEY-A-0001', 'KEY-B-0001'])
    expect(second?.certificates.map(({ certificate }) => certificate)).toContainEqual(rival.sign.certificate)
    await expectRejection('token.absent', rig().login('KEY-A'))
  })

  it('reports a removal in the middle of the login, and sees none of a token that goes while it is read', async () => {
    rig().addBidder('KEY-A')
    rig().setFault('remove:SKF_VerifyPIN')
    await expectRejection('token.removed', rig().login('KEY-A'))
    rig().skf.plugIn('KEY-A')
    expect(rig().skf.triesLeft('KEY-A')).toBe(6)
    for (const quirks of ['', 'vendor-codes']) {
      rig().setQuirks(quirks)
      for (const name of ['SKF_GetDevInfo', 'SKF_OpenApplication', 'SKF_EnumContainer', 'SKF_ExportCertificate']) {
        rig().setFault('')
        rig().skf.pullOut('KEY-A')
        expect(await rig().driver.list()).toEqual([])
        rig().skf.plugIn('KEY-A')
        rig().setFault(`remove:${name}`)
        expect(await rig().driver.list()).toEqual([])
        rig().skf.plugIn('KEY-A')
      }
    }
  })

  it.each(['SKF_ECCSignData', 'SKF_ImportSessionKey', 'SKF_DecryptInit', 'SKF_Decrypt'])(
    'reports a removal in the middle of %s, even behind a general code or a vendor’s own',
    async name => {
      rig().addBidder('KEY-A')
      for (const fault of [`remove:${name}`, `remove:${name},fail:${name}`, `remove:${name},fail:${name}:0B000023`]) {
        const session = await rig().login('KEY-A')
        rig().setFault(fault)
        await expectRejection('token.removed', name === 'SKF_ECCSignData' ? signs(session) : opens(session))
        rig().skf.plugIn('KEY-A')
        rig().setFault('')
        await rig().withLogin('KEY-A', async again => expect(await opens(again)).toBe(true))
      }
    },
  )
})

describe('a library that lists devices which are gone', () => {
  const rig = useSkf({ build: 'packed' })

  it('is believed where SKF_GetDevState says that one is absent', async () => {
    rig().addBidder('KEY-A')
    expect(await rig().driver.list()).toHaveLength(1)
    rig().setQuirks('state-absent')
    expect(await rig().driver.list()).toEqual([])
  })

  it('is not, where SKF_GetDevState has never said that it was there', async () => {
    rig().addBidder('KEY-A')
    rig().setQuirks('state-absent')
    expect(await rig().driver.list()).toHaveLength(1)
    await rig().withLogin('KEY-A', async session => expect(await signs(session)).toBe(true))
  })
})
