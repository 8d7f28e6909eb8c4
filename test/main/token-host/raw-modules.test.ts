import { constants, createPublicKey, diffieHellman, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf } from '../../../crypto/cert/certificate.ts'
import { CKA, CKD, CKK, CKM, CKO, CKR, CKU } from '../../../crypto/token/pkcs11/constants.ts'
import { type RawPkcs11, rawPkcs11 } from '../../../crypto/token/raw/index.ts'
import type { RawHost } from '../../../main/token-host/index.ts'
import { expectRejection } from '../../fixtures/failure.ts'
import { makeNssToken } from '../../fixtures/nss.ts'
import { practiceCa, testKey } from '../../fixtures/practice-ca.ts'
import { makeRawRig, type RawRig } from '../../fixtures/raw-rig.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import { makeSoftPkcs11, type SoftPkcs11, softPkcs11Pin } from '../../fixtures/soft-pkcs11.ts'

const { bidder } = practiceCa()

let rig: RawRig
const tokens: SoftPkcs11[] = []

beforeAll(async () => {
  rig = await makeRawRig()
})
afterEach(async () => {
  await rig.closeAll()
  for (const token of tokens.splice(0)) token.remove()
})
afterAll(() => rig.remove())

function plugIn(lock: Partial<Parameters<SoftPkcs11['addLock']>[0]> = {}): SoftPkcs11 {
  const token = makeSoftPkcs11({})
  tokens.push(token)
  token.addLock({ token: 'K', ...lock })
  return token
}

function startSoft(token: SoftPkcs11): RawHost {
  return rig.start({ kind: 'pkcs11', path: token.modulePath }, token.environment)
}

/** A session in which the user is logged in. */
async function logIn(p11: RawPkcs11, slot: string, pin: string): Promise<string> {
  const { session } = await p11.openSession(slot, 6)
  expect((await p11.login(session, CKU.user, pin)).code).toBe(0)
  return session
}

async function privateKeys(p11: RawPkcs11, session: string): Promise<readonly string[]> {
  return (await p11.findObjects(session, [[CKA.class, CKO.privateKey]])).objects
}

describe('NSS softoken, function by function', () => {
  it('wants its parameters, and opens OAEP with SHA-256 and a label', async () => {
    const pair = { use: 'decrypt', ...bidder.decrypt } as const
    const privateKey = pair.privateKey.export({ format: 'der', type: 'pkcs8' })
    const keys = [{ use: pair.use, certificate: pair.certificate, privateKey }]
    const token = makeNssToken({ pin: '1234abcd', label: 'BidKey', keys, intermediates: [] })
    const p11 = rawPkcs11(rig.start({ kind: 'pkcs11', path: token.modulePath }))
    expect((await p11.initialize(null)).code).not.toBe(0)
    expect((await p11.initialize({ reserved: token.parameters })).code).toBe(0)
    const { items } = await p11.slots(true)
    const session = await logIn(p11, items.at(-1) ?? expect.fail('no slot'), token.pin)
    const [key] = await privateKeys(p11, session)
    const [secret, label] = [randomBytes(32), randomBytes(5)]
    const encrypted = publicEncrypt(
      {
        key: publicKeyOf(parseCertificate(bidder.decrypt.certificate)),
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: 'sha256',
        oaepLabel: label,
      },
      secret,
    )
    const oaep = { kind: 'oaep', hash: CKM.sha256, mgf: 2, label } as const
    const mechanism = { type: CKM.rsaPkcsOaep, parameter: oaep }
    const opened = await p11.decryptWhole(session, mechanism, key ?? '0', encrypted)
    expect(secret.equals(opened.bytes)).toBe(true)
    token.remove()
  })
})

describe('the soft PKCS #11 module, function by function', () => {
  it('derives a secret with ECDH parameters', async () => {
    const privateKey = testKey('raw', 'P-256')
    const soft = plugIn({ keys: [{ id: '02', label: 'ec', use: 'decrypt', privateKey }] })
    const p11 = rawPkcs11(startSoft(soft))
    await p11.initialize()
    const session = await logIn(p11, (await p11.slots(true)).items[0] ?? '', softPkcs11Pin)
    const [key] = await privateKeys(p11, session)
    const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const publicData = ours.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)
    const derived = await p11.deriveKey(
      session,
      { type: CKM.ecdh1Derive, parameter: { kind: 'ecdh', kdf: CKD.null, shared: null, publicData } },
      key ?? '0',
      [
        [CKA.class, CKO.secretKey],
        [CKA.keyType, CKK.genericSecret],
        [CKA.sensitive, false],
        [CKA.extractable, true],
      ],
    )
    expect(derived.code).toBe(0)
    const { attributes } = await p11.readAttributes(session, derived.object, [CKA.value])
    const shared = diffieHellman({ publicKey: createPublicKey(privateKey), privateKey: ours.privateKey })
    expect(shared.equals(attributes[0]?.bytes ?? new Uint8Array(0))).toBe(true)
  })

  it('is started anew after a crash, and nothing is initialised then', async () => {
    const soft = plugIn()
    const p11 = rawPkcs11(startSoft(soft))
    await p11.initialize()
    const session = await logIn(p11, (await p11.slots(true)).items[0] ?? '', softPkcs11Pin)
    soft.setFaults('random:crash')
    const told = await expectRejection('token.driver-crashed', p11.random(session, 16))
    expect(told).not.toContain(softPkcs11Pin)
    soft.setFaults()
    expect((await p11.random(session, 16)).code).toBe(CKR.cryptokiNotInitialized)
    await p11.initialize()
    const again = await p11.openSession((await p11.slots(true)).items[0] ?? '')
    expect((await p11.random(again.session, 16)).code).toBe(0)
  })

  it('is ended when it hangs longer than the call may, or when it is told to start anew', async () => {
    const soft = plugIn()
    const raw = startSoft(soft)
    const p11 = rawPkcs11(raw)
    await p11.initialize()
    soft.setFaults('list:hang')
    expect(await codeOf(() => rawPkcs11(raw, { limit: 300 }).slotList(true, null))).toBe('token.driver-hung')
    soft.setFaults()
    expect((await p11.initialize()).code).toBe(0)
    expect((await p11.initialize()).code).toBe(CKR.cryptokiAlreadyInitialized)
    await raw.restart()
    expect((await p11.initialize()).code).toBe(0)
  })

  it('takes calls at the same time, and those of a crashed process all fail', async () => {
    const soft = plugIn()
    const raw = startSoft(soft)
    const p11 = rawPkcs11(raw)
    await p11.initialize()
    const { session } = await p11.openSession((await p11.slots(true)).items[0] ?? '')
    const random = {
      name: 'C_GenerateRandom',
      args: [
        ...[{ kind: 'handle', value: session } as const, { kind: 'room', length: 8 } as const],
        { kind: 'number', value: 8 } as const,
      ],
    }
    const both = await raw.together([random, random])
    expect(both.map(({ code, overrun }) => [code, overrun])).toEqual([
      [0, false],
      [0, false],
    ])
    soft.setFaults('random:crash')
    expect(await codeOf(() => raw.together([random, random]))).toBe('token.driver-crashed')
  })

  it('says nothing of a PIN in what it refuses', async () => {
    const soft = plugIn()
    const raw = startSoft(soft)
    const pin = { kind: 'bytes', value: new TextEncoder().encode(softPkcs11Pin) } as const
    const long = { kind: 'bytes', value: new Uint8Array(300_000).fill(0x31) } as const
    for (const args of [[pin], [pin, pin, pin, pin], [long]]) {
      const told = await expectRejection('arguments.bad', raw.call('C_Login', args))
      expect(told).not.toMatch(/1111|MTEx/)
    }
  })
})
