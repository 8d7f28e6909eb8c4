import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../crypto/cert/certificate.ts'
import { openEnvelopeGm, wrapKeyGm } from '../../../crypto/cms/gm/envelope.ts'
import { sm2Digest, sm2VerifyDigest } from '../../../crypto/sm/sm2/index.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../crypto/token/identities.ts'
import {
  childProcessStarter,
  startTokenHost,
  type TokenHost,
  type TokenLimits,
} from '../../../main/token-host/index.ts'
import { makeSoftSkf, type SoftSkf } from '../../fakes/skf/soft-skf.ts'
import { expectRejection } from '../../fixtures/failure.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import { bundleTokenHost, type TokenHostBundle } from '../../fixtures/token-host-bundle.ts'

const pin = '246810'
const uri = 'skf:serial=KEY-0001'
const { bidder } = gmCa()
const point = sm2PointOf(parseCertificate(bidder.sign.certificate))
const digest = sm2Digest(point, randomBytes(100))

let bundle: TokenHostBundle
let bare: TokenHostBundle
let skf: SoftSkf
const open: TokenHost[] = []

beforeAll(async () => {
  bundle = await bundleTokenHost('with-binding')
  bare = await bundleTokenHost('without-binding')
  skf = makeSoftSkf('packed')
  skf.addLock({ device: 'KEY', pin, containers: [{ name: 'bidder', sign: bidder.sign, encrypt: bidder.decrypt }] })
})

afterEach(async () => {
  for (const host of open.splice(0)) await host.close()
})

afterAll(() => {
  bundle.remove()
  bare.remove()
  skf.remove()
})

function start(fault = '', limits: Partial<TokenLimits> = {}, program = bundle.program): TokenHost {
  const env = { ...process.env, ...skf.environment, BIDSEAL_SOFT_SKF_FAULT: fault }
  const module = { kind: 'skf', path: skf.modulePath, profile: { layout: 'packed' } } as const
  const host = startTokenHost({ module, startProcess: childProcessStarter(program, { env }), limits })
  open.push(host)
  return host
}

type Use = (host: TokenHost) => Promise<unknown>

async function sign(host: TokenHost): Promise<Uint8Array> {
  const session = await host.login(uri, pin)
  return (await signerFromToken(session, await session.certificates())).sign('sm2-sm3', digest)
}

async function unwrap(host: TokenHost): Promise<boolean> {
  const key = randomBytes(32)
  const envelope = wrapKeyGm(key, { recipient: parseCertificate(bidder.decrypt.certificate) })
  const session = await host.login(uri, pin)
  return key.equals(await openEnvelopeGm(envelope, keyOpenerFromToken(session, await session.certificates())))
}

/** Every function that one of these calls needs, and the call. */
const operations: readonly (readonly [string, Use])[] = [
  ['SKF_EnumDev', host => host.list()],
  ['SKF_ConnectDev', host => host.list()],
  ['SKF_GetDevInfo', host => host.list()],
  ['SKF_GetPINInfo', host => host.list()],
  ['SKF_ExportCertificate', host => host.list()],
  ['SKF_VerifyPIN', host => host.login(uri, pin)],
  ['SKF_ECCSignData', sign],
  ['SKF_ImportSessionKey', unwrap],
  ['SKF_DecryptInit', unwrap],
  ['SKF_Decrypt', unwrap],
]

describe('an SKF library in its own process', () => {
  it('signs and opens across the process, with its profile’s layout', async () => {
    const host = start()
    expect((await host.list()).map(({ kind, serial }) => ({ kind, serial }))).toEqual([
      { kind: 'skf', serial: 'KEY-0001' },
    ])
    expect(sm2VerifyDigest(point, digest, await sign(host))).toBe(true)
    expect(await unwrap(host)).toBe(true)
  })

  it('reports a crash as one, whichever function it is in, and other libraries go on', async () => {
    const good = start()
    const codes = operations.map(async ([name, use]) => [name, await codeOf(() => use(start(`crash:${name}`)))])
    expect(await unwrap(good)).toBe(true)
    expect(await Promise.all(codes)).toEqual(operations.map(([name]) => [name, 'token.driver-crashed']))
  })

  it('starts a crashed library anew for the next call', async () => {
    const host = start('crash:SKF_ECCSignData')
    await expectRejection('token.driver-crashed', sign(host))
    expect(await unwrap(host)).toBe(true)
  })

  it('ends a library that hangs, whichever function it is in, and other libraries go on', async () => {
    const good = start()
    const limits = { probe: 2000, login: 2000, use: 2000, close: 200 }
    const codes = operations.map(async ([name, use]) => [name, await codeOf(() => use(start(`hang:${name}`, limits)))])
    expect(await unwrap(good)).toBe(true)
    expect(await Promise.all(codes)).toEqual(operations.map(([name]) => [name, 'token.driver-hung']))
  })

  it('wastes no PIN try on any of it', () => {
    expect(skf.triesLeft('KEY')).toBe(6)
  })

  it('says what is missing where koffi is not installed', async () => {
    const told = await expectRejection('token.driver-unavailable', start('', {}, bare.program).list())
    expect(told).toContain('koffi')
  })

  it('sees twenty plug cycles without a restart', async () => {
    const host = start()
    for (let cycle = 0; cycle < 20; cycle += 1) {
      expect(await host.list()).toHaveLength(1)
      skf.pullOut('KEY')
      expect(await host.list()).toHaveLength(0)
      skf.plugIn('KEY')
    }
    expect(await unwrap(host)).toBe(true)
  })
})
