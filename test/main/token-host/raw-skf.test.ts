import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../crypto/cert/certificate.ts'
import { decodeGmEnveloped } from '../../../crypto/cms/gm/enveloped-data.ts'
import { wrapKeyGm } from '../../../crypto/cms/gm/envelope.ts'
import {
  readSm2Cipher,
  readSm2Signature,
  sm2Digest,
  sm2VerifyDigest,
  writeSm2Cipher,
  writeSm2Signature,
} from '../../../crypto/sm/sm2/index.ts'
import { rawSkf } from '../../../crypto/token/raw/index.ts'
import { SAR, SGD } from '../../../crypto/token/skf/constants.ts'
import { makeSoftSkf, type SoftSkf, softSkfApplication } from '../../fakes/skf/soft-skf.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { makeRawRig, type RawRig } from '../../fixtures/raw-rig.ts'
import { codeOf } from '../../fixtures/refusals.ts'

const { bidder } = gmCa()
const pin = '246810'
const point = sm2PointOf(parseCertificate(bidder.sign.certificate))

let rig: RawRig

beforeAll(async () => {
  rig = await makeRawRig()
})
afterEach(() => rig.closeAll())
afterAll(() => rig.remove())

function plugIn(build: 'packed' | 'natural'): SoftSkf {
  const skf = makeSoftSkf(build)
  skf.addLock({ device: 'KEY', pin, containers: [{ name: 'bidder', sign: bidder.sign, encrypt: bidder.decrypt }] })
  return skf
}

describe.each([
  ['packed', 294],
  ['natural', 296],
] as const)('an SKF library with %s structures, function by function', (build, infoLength) => {
  it('connects, opens, reads, verifies the PIN, signs and decrypts', async () => {
    const lib = plugIn(build)
    const raw = rig.start({ kind: 'skf', path: lib.modulePath }, lib.environment)
    const skf = rawSkf(raw)
    expect((await skf.devices()).names).toEqual(['KEY'])
    const small = await skf.enumDev(true, 2)
    expect([small.code, small.overrun]).toEqual([SAR.bufferTooSmall, false])

    const { handle: device } = await skf.connectDev('KEY')
    expect(await skf.devInfo(device)).toMatchObject({ code: 0, written: infoLength, overrun: false })
    expect((await skf.random(device, 32)).bytes).toHaveLength(32)
    expect((await skf.applications(device)).names).toEqual([softSkfApplication])
    const { handle: application } = await skf.openApplication(device, softSkfApplication)
    expect((await skf.containers(application)).names).toEqual(['bidder'])
    const { handle: container } = await skf.openContainer(application, 'bidder')
    expect((await skf.containerType(container)).type).toBe(2)
    const { bytes } = await skf.certificate(container, true)
    expect(Buffer.from(bytes).equals(bidder.sign.certificate)).toBe(true)

    const digest = sm2Digest(point, randomBytes(100))
    expect((await skf.eccSign(container, digest)).code).toBe(SAR.notLoggedIn)
    expect(await skf.verifyPin(application, 1, '000000')).toMatchObject({ code: SAR.pinIncorrect, triesLeft: 5 })
    expect(await skf.pinInfo(application, 1)).toMatchObject({ most: 6, left: 5, isDefault: 0 })
    expect((await skf.verifyPin(application, 1, pin)).code).toBe(0)
    const signed = await skf.eccSign(container, digest)
    const signature = writeSm2Signature(readSm2Signature(signed.signature, 'ECCSIGNATUREBLOB'), 'der')
    expect([signed.overrun, sm2VerifyDigest(point, digest, signature)]).toEqual([false, true])

    const key = randomBytes(32)
    const envelope = decodeGmEnveloped(wrapKeyGm(key, { recipient: parseCertificate(bidder.decrypt.certificate) }))
    const blob = writeSm2Cipher(readSm2Cipher(envelope.encryptedKey, 'asn1'), 'ECCCIPHERBLOB')
    const { handle: sessionKey } = await skf.importSessionKey(container, SGD.sm4Cbc, blob)
    await skf.decryptInit(sessionKey, { iv: envelope.iv })
    const asked = await skf.decrypt(sessionKey, envelope.content, null)
    expect([asked.code, asked.length >= 32]).toEqual([0, true])
    const opened = await skf.decryptWhole(sessionKey, envelope.content)
    expect(Buffer.from(opened.bytes.subarray(0, 32)).equals(key)).toBe(true)
    expect((await skf.closeHandle(sessionKey)).code).toBe(0)
    lib.remove()
  })
})

describe('a raw SKF library', () => {
  it('logs out when it is closed', async () => {
    const lib = plugIn('packed')
    const raw = rig.start({ kind: 'skf', path: lib.modulePath }, lib.environment)
    const skf = rawSkf(raw)
    const { handle: device } = await skf.connectDev('KEY')
    const { handle: application } = await skf.openApplication(device, softSkfApplication)
    await skf.verifyPin(application, 1, pin)
    lib.calls()
    await raw.close()
    expect(lib.calls()).toEqual(['SKF_ClearSecureState'])
    lib.remove()
  })

  it('has a vendor’s own function only when its profile names it', async () => {
    const lib = plugIn('packed')
    const sm2Extension = { name: 'SKF_ECCPrvKeyDecrypt', selector: 'none', input: 'blob' } as const
    const plain = rig.start({ kind: 'skf', path: lib.modulePath }, lib.environment)
    const told = rig.start({ kind: 'skf', path: lib.modulePath, profile: { sm2Extension } }, lib.environment)
    expect([await plain.has(sm2Extension.name), await told.has(sm2Extension.name)]).toEqual([false, true])
    expect((await rawSkf(told).vendorDecrypt(sm2Extension, '0', new Uint8Array(164), 64)).code).not.toBe(0)
    expect(await codeOf(() => rawSkf(plain).vendorDecrypt(sm2Extension, '0', new Uint8Array(164), 64))).toBe(
      'token.unsupported',
    )
    lib.remove()
  })
})
