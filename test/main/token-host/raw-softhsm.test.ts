import { constants, createHash, publicEncrypt, randomBytes, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf } from '../../../crypto/cert/certificate.ts'
import { CKA, CKM, CKO, CKR, CKU } from '../../../crypto/token/pkcs11/constants.ts'
import { rawFieldNumber, rawFieldText, rawPattern, type RawPkcs11, rawPkcs11 } from '../../../crypto/token/raw/index.ts'
import type { RawHost } from '../../../main/token-host/index.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { makeRawRig, type RawRig } from '../../fixtures/raw-rig.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm, type SoftHsmLock } from '../../fixtures/softhsm.ts'

const { bidder } = practiceCa()
const signKey = publicKeyOf(parseCertificate(bidder.sign.certificate))
const decryptKey = publicKeyOf(parseCertificate(bidder.decrypt.certificate))

let rig: RawRig
let hsm: SoftHsm
let lock: SoftHsmLock
let raw: RawHost
let p11: RawPkcs11
let slot: string
let session: string
let keys: { readonly sign: string; readonly decrypt: string }

async function privateKey(id: number): Promise<string> {
  const template = [
    [CKA.class, CKO.privateKey],
    [CKA.id, Uint8Array.of(id)],
  ] as const
  const { objects } = await p11.findObjects(session, template)
  return objects[0] ?? expect.fail('the key is not there')
}

beforeAll(async () => {
  rig = await makeRawRig()
  hsm = makeSoftHsm()
  lock = addSoftHsmLock(hsm)
  raw = rig.start({ kind: 'pkcs11', path: hsm.modulePath }, hsm.environment)
  p11 = rawPkcs11(raw)
  await p11.initialize()
  slot = (await p11.slots(true)).items[0] ?? expect.fail('there is no slot')
  session = (await p11.openSession(slot, 6)).session
  await p11.login(session, CKU.user, lock.pin)
  keys = { sign: await privateKey(1), decrypt: await privateKey(2) }
})

afterAll(async () => {
  await rig.closeAll()
  rig.remove()
  hsm.remove()
})

describe('SoftHSM2, function by function', () => {
  it('tells of itself, its slots, tokens, sessions and mechanisms', async () => {
    const info = await p11.info()
    expect([info.code, rawFieldText(info.fields, 'manufacturerID'), info.overrun]).toEqual([0, 'SoftHSM', false])
    const token = await p11.tokenInfo(slot)
    expect([rawFieldText(token.fields, 'label'), rawFieldNumber(token.fields, 'ulMaxPinLen')]).toEqual(['BidKey', 255])
    expect((await p11.sessionInfo(session)).fields).toMatchObject({ slotID: Number(slot), state: 3, flags: 6 })
    const { mechanisms } = await p11.mechanisms(slot)
    expect(mechanisms).toContain(CKM.rsaPkcsOaep)
    expect((await p11.mechanismInfo(slot, CKM.rsaPkcs)).fields).toMatchObject({ ulMinKeySize: 512 })
  })

  it('answers the number of slots without a buffer, and refuses one that is too small', async () => {
    const asked = await p11.slotList(true, null)
    expect([asked.code, asked.count, asked.items]).toEqual([0, 2, []])
    const small = await p11.slotList(true, 1)
    expect([small.code, small.count, small.overrun]).toEqual([CKR.bufferTooSmall, 2, false])
  })

  it('reads attributes by their lengths, hides what is secret, and refuses a buffer that is too small', async () => {
    const { code, attributes } = await p11.readAttributes(session, keys.sign, [
      ...[CKA.class, CKA.label, CKA.modulus, 0x123],
    ])
    expect(code).toBe(CKR.attributeSensitive)
    const [kind, label, modulus, secret] = attributes
    expect([kind?.number, Buffer.from(label?.bytes ?? []).toString(), modulus?.length]).toEqual([
      ...[CKO.privateKey, 'sign', 256],
    ])
    expect(secret).toEqual({ type: 0x123, length: -1, bytes: null, number: null })
    const small = await p11.attributes(session, keys.sign, [{ type: CKA.modulus, value: null, room: 8 }])
    expect([small.code, small.attributes[0]?.length, small.overrun]).toEqual([CKR.bufferTooSmall, -1, false])
  })

  it('signs in the two steps of the length protocol, a message that did not travel', async () => {
    await p11.signInit(session, { type: CKM.sha256RsaPkcs }, keys.sign)
    const message = { pattern: 1_000_000 }
    const asked = await p11.sign(session, message, null)
    expect([asked.code, asked.length, asked.bytes.length]).toEqual([0, 256, 0])
    const small = await p11.sign(session, message, 100)
    expect([small.code, small.length, small.overrun]).toEqual([CKR.bufferTooSmall, 256, false])
    const { bytes } = await p11.sign(session, message, 256)
    expect(verify('sha256', rawPattern(message.pattern), signKey, bytes)).toBe(true)
  })

  it('passes PSS parameters', async () => {
    const pss = { kind: 'pss', hash: CKM.sha256, mgf: 2, salt: 32 } as const
    const data = randomBytes(50)
    const { bytes } = await p11.signWhole(session, { type: CKM.sha256RsaPkcsPss, parameter: pss }, keys.sign, data)
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    expect(verify('sha256', data, { key: signKey, ...padding }, bytes)).toBe(true)
  })

  it('passes OAEP parameters: SHA-1 opens, SHA-256 is refused', async () => {
    const secret = randomBytes(32)
    const encrypted = (oaepHash: string): Uint8Array =>
      publicEncrypt({ key: decryptKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, secret)
    const oaep = (hash: number, mgf: number) => {
      return { type: CKM.rsaPkcsOaep, parameter: { kind: 'oaep', hash, mgf, label: null } } as const
    }
    const opened = await p11.decryptWhole(session, oaep(CKM.sha1, 1), keys.decrypt, encrypted('sha1'))
    expect(secret.equals(opened.bytes)).toBe(true)
    const refused = await p11.decryptWhole(session, oaep(CKM.sha256, 2), keys.decrypt, encrypted('sha256'))
    expect([refused.code, refused.last]).toEqual([CKR.argumentsBad, 'C_DecryptInit'])
  })

  it('gives NULL and unknown mechanisms to the library, which refuses them', async () => {
    expect((await p11.signInit(session, null, keys.sign)).code).toBe(CKR.argumentsBad)
    expect((await p11.signInit(session, { type: 0x80001234 }, keys.sign)).code).toBe(CKR.mechanismInvalid)
    const nowhere = await raw.call('C_GetInfo', [{ kind: 'null' }])
    expect([nowhere.code, nowhere.answers]).toEqual([CKR.argumentsBad, [null]])
  })

  it('makes, finds, changes and destroys objects', async () => {
    const made = await p11.createObject(session, [
      [CKA.class, 0],
      [CKA.token, false],
      [CKA.private, false],
      [CKA.label, new TextEncoder().encode('a note')],
    ])
    expect(made.code).toBe(0)
    await p11.setAttributes(session, made.object, [[CKA.label, new TextEncoder().encode('another')]])
    const found = await p11.findObjects(session, [[CKA.label, new TextEncoder().encode('another')]])
    expect(found.objects).toEqual([made.object])
    expect((await p11.destroyObject(session, made.object)).code).toBe(0)
    expect((await p11.findObjects(session, [[CKA.class, 0]])).objects).toEqual([])
  })

  it('digests and makes random numbers', async () => {
    await p11.digestInit(session, { type: CKM.sha256 })
    await p11.digestUpdate(session, { pattern: 200 })
    const { bytes } = await p11.digestFinal(session, 32)
    expect(Buffer.from(bytes)).toEqual(createHash('sha256').update(rawPattern(200)).digest())
    expect(new Set((await p11.random(session, 64)).bytes).size).toBeGreaterThan(20)
  })

  it('signs on several threads at the same time', async () => {
    const sessions = await Promise.all([1, 2, 3, 4].map(() => p11.openSession(slot)))
    for (const other of sessions) await p11.signInit(other.session, { type: CKM.sha256RsaPkcs }, keys.sign)
    const answers = await raw.together(
      sessions.map(other => ({
        name: 'C_Sign',
        args: [
          ...[{ kind: 'handle', value: other.session } as const, { kind: 'pattern', length: 5000 } as const],
          ...[{ kind: 'number', value: 5000 } as const, { kind: 'room', length: 256 } as const],
          { kind: 'count', value: 256 } as const,
        ],
      })),
    )
    const signatures = answers.map(({ answers: [, , , room] }) => (room instanceof Uint8Array ? room : expect.fail()))
    expect(signatures.map(signature => verify('sha256', rawPattern(5000), signKey, signature))).toEqual([
      ...[true, true, true, true],
    ])
  })

  it('knows which functions there are, and refuses others and arguments that are not theirs', async () => {
    expect([await raw.has('C_Sign'), await raw.has('C_Nonsense')]).toEqual([true, false])
    expect(await codeOf(() => raw.call('C_Nonsense', []))).toBe('token.unsupported')
    expect(await codeOf(() => raw.call('C_GetInfo', []))).toBe('arguments.bad')
    expect(await codeOf(() => raw.call('C_GetInfo', [{ kind: 'number', value: 4096 }]))).toBe('arguments.bad')
    expect(await codeOf(() => p11.sign(session, { pattern: 2 ** 30 }, null))).toBe('arguments.bad')
    expect(await codeOf(() => p11.sign(session, new Uint8Array(300_000), null))).toBe('arguments.bad')
    expect(await codeOf(() => p11.random(session, 300_000))).toBe('arguments.bad')
    expect((await p11.info()).code).toBe(0)
  })
})
