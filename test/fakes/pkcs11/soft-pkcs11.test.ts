import { execFileSync } from 'node:child_process'
import {
  constants,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
  verify,
} from 'node:crypto'
import type { Handle } from 'pkcs11js'
import { afterEach, describe, expect, test } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../crypto/cert/certificate.ts'
import { digestInfoSha256 } from '../../../crypto/sign/rsa-padding.ts'
import { readSm2Signature, sm2Encrypt, sm2VerifyDigest, writeSm2Signature } from '../../../crypto/sm/sm2/index.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { practiceCa, testKey } from '../../fixtures/practice-ca.ts'
import { bidderKeys, makeSoftPkcs11, type SoftPkcs11, type SoftPkcs11Lock } from '../../fixtures/soft-pkcs11.ts'
import { binding, type Client, codeOf, connect, ecdh } from './client.ts'

const pin = '111111'
/** CK_SESSION_INFO.state: CKS_RO_PUBLIC_SESSION, CKS_RW_USER_FUNCTIONS. */
const [roPublic, rwUser] = [0, 3]
let client: Client
let p11: SoftPkcs11

/** One token K. */
function plugIn(lock: Partial<SoftPkcs11Lock> = {}): void {
  p11 = makeSoftPkcs11()
  p11.addLock({ token: 'K', ...lock })
  client = connect(p11)
}

afterEach(() => client.end())

describe('the PIN', () => {
  test('locks after six wrong tries, and the flags tell how near that is', () => {
    plugIn()
    const session = client.open('K')
    const flags = binding.CKF_USER_PIN_COUNT_LOW | binding.CKF_USER_PIN_FINAL_TRY | binding.CKF_USER_PIN_LOCKED
    const seen = [client.flags('K') & flags]
    for (let tries = 0; tries < 6; tries += 1) {
      expect(codeOf(() => client.functions.C_Login(session, binding.CKU_USER, '222222'))).toBe('CKR_PIN_INCORRECT')
      seen.push(client.flags('K') & flags)
    }
    expect(seen.map(value => value / binding.CKF_USER_PIN_COUNT_LOW)).toEqual([0, 1, 1, 1, 1, 3, 5])
    expect(codeOf(() => client.functions.C_Login(session, binding.CKU_USER, pin))).toBe('CKR_PIN_LOCKED')
    expect(p11.triesLeft('K')).toBe(0)
  })

  test('that is right gives all tries back, and the security officer unlocks one that is locked', () => {
    plugIn({ tries: 2 })
    const { functions } = client
    const session = client.open('K', 'write')
    const login = (text: string) => codeOf(() => functions.C_Login(session, binding.CKU_USER, text))
    expect([login('222222'), p11.triesLeft('K'), login(pin), p11.triesLeft('K')]).toEqual([
      'CKR_PIN_INCORRECT',
      1,
      'CKR_OK',
      2,
    ])
    functions.C_Logout(session)
    expect([login('1'), login('2'), login(pin)]).toEqual(['CKR_PIN_INCORRECT', 'CKR_PIN_INCORRECT', 'CKR_PIN_LOCKED'])
    functions.C_Login(session, binding.CKU_SO, '12345678')
    functions.C_InitPIN(session, '333333')
    functions.C_Logout(session)
    expect([login(pin), login('333333')]).toEqual(['CKR_PIN_INCORRECT', 'CKR_OK'])
  })

  test('is changed by who knows it; a wrong old one costs a try', () => {
    plugIn()
    const change = (session: Handle, from: string, to: string) =>
      codeOf(() => client.functions.C_SetPIN(session, from, to))
    const session = client.open('K', 'write')
    expect(change(client.open('K'), pin, '444444')).toBe('CKR_SESSION_READ_ONLY')
    expect(change(session, pin, '1')).toBe('CKR_PIN_LEN_RANGE')
    expect(p11.triesLeft('K')).toBe(6)
    expect(change(session, '000000', '444444')).toBe('CKR_PIN_INCORRECT')
    expect(p11.triesLeft('K')).toBe(5)
    expect(change(session, pin, '444444')).toBe('CKR_OK')
    expect(codeOf(() => client.functions.C_Login(session, binding.CKU_USER, '444444'))).toBe('CKR_OK')
  })

  test('opens the token for all sessions of the process, and a second login says so without looking at the PIN', () => {
    plugIn()
    const [first, second] = [client.open('K'), client.open('K', 'write')]
    client.functions.C_Login(first, binding.CKU_USER, pin)
    expect(client.functions.C_GetSessionInfo(second).state).toBe(rwUser)
    const again = () => client.functions.C_Login(second, binding.CKU_USER, 'wrong')
    expect(codeOf(again)).toBe('CKR_USER_ALREADY_LOGGED_IN')
    expect(codeOf(() => client.functions.C_Login(second, binding.CKU_SO, 'wrong'))).toBe(
      'CKR_USER_ANOTHER_ALREADY_LOGGED_IN',
    )
    client.functions.C_CloseSession(first)
    client.functions.C_CloseSession(second)
    expect(client.functions.C_GetSessionInfo(client.open('K')).state).toBe(roPublic)
  })

  test('of the security officer is not taken while a read-only session is open', () => {
    plugIn()
    client.open('K')
    const session = client.open('K', 'write')
    expect(codeOf(() => client.functions.C_Login(session, binding.CKU_SO, '12345678'))).toBe(
      'CKR_SESSION_READ_ONLY_EXISTS',
    )
  })
})

describe('tokens and sessions', () => {
  test('a token keeps its PIN, its keys and its tries when the process ends', () => {
    plugIn()
    const session = client.login('K', pin, 'write')
    const template = (rest: readonly { type: number; value: Buffer | boolean | string }[]) => [
      { type: binding.CKA_TOKEN, value: true },
      { type: binding.CKA_ID, value: Buffer.of(9) },
      ...rest,
    ]
    const p384 = Buffer.from('06052b81040022', 'hex')
    client.functions.C_GenerateKeyPair(
      session,
      { mechanism: binding.CKM_EC_KEY_PAIR_GEN },
      template([{ type: binding.CKA_EC_PARAMS, value: p384 }]),
      template([{ type: binding.CKA_LABEL, value: '新钥匙' }]),
    )
    client.functions.C_Logout(session)
    codeOf(() => client.functions.C_Login(session, binding.CKU_USER, '222222'))
    const tool = (...args: readonly string[]) =>
      execFileSync('pkcs11-tool', ['--module', p11.modulePath, ...args], { encoding: 'utf8', stdio: 'pipe' })
    expect(tool('-L')).toContain('user PIN count low')
    const listed = tool('--token-label', 'K', '--login', '--pin', pin, '-O')
    expect(listed).toContain('新钥匙')
    expect(listed.match(/Certificate Object; type = X.509 cert/g)).toHaveLength(3)
    expect(listed.match(/Private Key Object; RSA/g)).toHaveLength(2)
    expect(p11.triesLeft('K')).toBe(6)
  })

  test('a blank token is initialised, given a PIN and initialised again, which empties it', () => {
    plugIn()
    p11.addBlank('NEW')
    const { functions } = client
    const slot = client.slotOf('NEW')
    const flagsOf = () => functions.C_GetTokenInfo(slot).flags & (binding.CKF_TOKEN_INITIALIZED | 8)
    expect([flagsOf(), codeOf(() => client.open('NEW'))]).toEqual([0, 'CKR_TOKEN_NOT_RECOGNIZED'])
    functions.C_InitToken(slot, 'officer', '空白锁'.padEnd(32 - 6))
    expect(flagsOf()).toBe(binding.CKF_TOKEN_INITIALIZED)
    const session = client.open('NEW', 'write')
    expect(codeOf(() => functions.C_InitToken(slot, 'officer', 'X'.padEnd(32)))).toBe('CKR_SESSION_EXISTS')
    expect(codeOf(() => functions.C_Login(session, binding.CKU_USER, pin))).toBe('CKR_USER_PIN_NOT_INITIALIZED')
    functions.C_Login(session, binding.CKU_SO, 'officer')
    functions.C_InitPIN(session, pin)
    functions.C_CloseSession(session)
    const user = client.login('NEW', pin, 'write')
    functions.C_CreateObject(user, [
      { type: binding.CKA_CLASS, value: binding.CKO_CERTIFICATE },
      { type: binding.CKA_CERTIFICATE_TYPE, value: binding.CKC_X_509 },
      { type: binding.CKA_TOKEN, value: true },
      { type: binding.CKA_VALUE, value: Buffer.from(practiceCa().intermediate) },
    ])
    functions.C_CloseSession(user)
    expect(client.find(client.open('NEW'), [])).toHaveLength(1)
    functions.C_CloseAllSessions(slot)
    expect(codeOf(() => functions.C_InitToken(slot, 'another', 'X'.padEnd(32)))).toBe('CKR_PIN_INCORRECT')
    functions.C_InitToken(slot, 'officer', '空白锁'.padEnd(32 - 6))
    expect(client.find(client.open('NEW'), [])).toHaveLength(0)
    expect(functions.C_GetTokenInfo(slot).label).toContain('空白锁')
  })

  test('a token that is pulled out loses its sessions and login, and comes back in the same slot', () => {
    plugIn()
    const { functions } = client
    const session = client.login('K', pin)
    const slot = client.slotOf('K')
    p11.pullOut('K')
    expect(codeOf(() => functions.C_GetSessionInfo(session))).toBe('CKR_DEVICE_REMOVED')
    expect(codeOf(() => functions.C_GetTokenInfo(slot))).toBe('CKR_TOKEN_NOT_PRESENT')
    expect(functions.C_GetSlotList(true)).toEqual([])
    expect(functions.C_GetSlotList(false)).toEqual([slot])
    expect(functions.C_WaitForSlotEvent(binding.CKF_DONT_BLOCK)).toEqual(slot)
    expect(functions.C_WaitForSlotEvent(binding.CKF_DONT_BLOCK)).toBeNull()
    p11.plugIn('K')
    expect(functions.C_WaitForSlotEvent(binding.CKF_DONT_BLOCK)).toEqual(slot)
    expect(codeOf(() => functions.C_GetSessionInfo(session))).toBe('CKR_SESSION_HANDLE_INVALID')
    expect(functions.C_GetSessionInfo(client.open('K')).state).toBe(roPublic)
  })

  test('wrong uses of the library are answered with the codes of the standard', () => {
    plugIn()
    const { functions } = client
    const slot = client.slotOf('K')
    expect(codeOf(() => functions.C_Initialize({ flags: 2 }))).toBe('CKR_CRYPTOKI_ALREADY_INITIALIZED')
    expect(codeOf(() => functions.C_OpenSession(slot, 0))).toBe('CKR_SESSION_PARALLEL_NOT_SUPPORTED')
    expect(codeOf(() => functions.C_GetTokenInfo(Buffer.alloc(8, 7)))).toBe('CKR_SLOT_ID_INVALID')
    expect(codeOf(() => functions.C_CloseSession(Buffer.alloc(8, 7)))).toBe('CKR_SESSION_HANDLE_INVALID')
    const session = client.open('K')
    expect(codeOf(() => functions.C_DigestInit(session, { mechanism: binding.CKM_SHA256 }))).toBe(
      'CKR_FUNCTION_NOT_SUPPORTED',
    )
    functions.C_Finalize()
    expect(codeOf(() => functions.C_GetSlotList(true))).toBe('CKR_CRYPTOKI_NOT_INITIALIZED')
    functions.C_Initialize({ flags: binding.CKF_OS_LOCKING_OK })
    expect(functions.C_GetSlotList(true)).toHaveLength(1)
  })
})

describe('objects', () => {
  test('private ones are not seen before the login, and their handles end with it', () => {
    plugIn()
    const { functions } = client
    const session = client.open('K')
    const classes = () => client.find(session, []).map(object => client.read(session, object, binding.CKA_CLASS)[0])
    expect(classes()).toEqual([2, 1, 2, 1, 1])
    functions.C_Login(session, binding.CKU_USER, pin)
    expect(classes().filter(value => value === binding.CKO_PRIVATE_KEY)).toHaveLength(2)
    const before = client.key(session, '01')
    functions.C_Logout(session)
    functions.C_Login(session, binding.CKU_USER, pin)
    expect(codeOf(() => client.read(session, before, binding.CKA_ID))).toBe('CKR_OBJECT_HANDLE_INVALID')
    expect(client.key(session, '01')).not.toEqual(before)
  })

  test('secrets are sensitive, what is missing is of no valid type, and one of them fails the whole question', () => {
    plugIn()
    const session = client.login('K', pin)
    const key = client.key(session, '01')
    const ask = (...types: readonly number[]) =>
      codeOf(() =>
        client.functions.C_GetAttributeValue(
          session,
          key,
          types.map(type => ({ type })),
        ),
      )
    expect(ask(binding.CKA_PRIVATE_EXPONENT)).toBe('CKR_ATTRIBUTE_SENSITIVE')
    expect(ask(binding.CKA_PRIME_1)).toBe('CKR_ATTRIBUTE_SENSITIVE')
    expect(ask(binding.CKA_EC_POINT)).toBe('CKR_ATTRIBUTE_TYPE_INVALID')
    expect(ask(binding.CKA_ID, binding.CKA_LABEL)).toBe('CKR_OK')
    expect(ask(binding.CKA_ID, binding.CKA_URL)).toBe('CKR_ATTRIBUTE_TYPE_INVALID')
  })

  test('an imported key works, and what is destroyed is gone for every process', () => {
    plugIn({ keys: [] })
    const session = client.login('K', pin, 'write')
    const key = testKey('imported', 'P-256')
    const { d = '' } = key.export({ format: 'jwk' })
    const created = client.functions.C_CreateObject(session, [
      { type: binding.CKA_CLASS, value: binding.CKO_PRIVATE_KEY },
      { type: binding.CKA_KEY_TYPE, value: binding.CKK_EC },
      { type: binding.CKA_TOKEN, value: true },
      { type: binding.CKA_ID, value: Buffer.of(7) },
      { type: binding.CKA_EC_PARAMS, value: Buffer.from('06082a8648ce3d030107', 'hex') },
      { type: binding.CKA_VALUE, value: Buffer.from(d, 'base64url') },
    ])
    const data = randomBytes(40)
    const signature = client.sign(session, '07', binding.CKM_ECDSA, createHash('sha256').update(data).digest())
    expect(verify('sha256', data, { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
    client.functions.C_DestroyObject(session, created)
    client.functions.C_Finalize()
    client.functions.C_Initialize({ flags: binding.CKF_OS_LOCKING_OK })
    expect(client.find(client.login('K', pin), [])).toEqual([])
  })
})

describe('operations', () => {
  test('one at a time: a second is refused until the first has ended, and none was begun without its Init', () => {
    plugIn()
    const { functions } = client
    const session = client.login('K', pin)
    const raw = { mechanism: binding.CKM_RSA_PKCS }
    const key = client.key(session, '01')
    const sign = (size: number) => codeOf(() => functions.C_Sign(session, Buffer.alloc(51), Buffer.alloc(size)))
    expect(sign(256)).toBe('CKR_OPERATION_NOT_INITIALIZED')
    functions.C_SignInit(session, raw, key)
    expect(codeOf(() => functions.C_SignInit(session, raw, key))).toBe('CKR_OPERATION_ACTIVE')
    expect(codeOf(() => functions.C_FindObjectsInit(session, []))).toBe('CKR_OPERATION_ACTIVE')
    expect([sign(10), sign(255), sign(256), sign(256)]).toEqual([
      'CKR_BUFFER_TOO_SMALL',
      'CKR_BUFFER_TOO_SMALL',
      'CKR_OK',
      'CKR_OPERATION_NOT_INITIALIZED',
    ])
    functions.C_SignInit(session, raw, key)
    expect(codeOf(() => functions.C_Sign(session, Buffer.alloc(250), Buffer.alloc(256)))).toBe('CKR_DATA_LEN_RANGE')
    expect(sign(256)).toBe('CKR_OPERATION_NOT_INITIALIZED')
  })

  test('a key does what it is for, with the mechanisms of its kind', () => {
    plugIn()
    const session = client.login('K', pin)
    const begin = (id: string, mechanism: number) =>
      codeOf(() => client.functions.C_SignInit(session, { mechanism }, client.key(session, id)))
    expect(begin('02', binding.CKM_RSA_PKCS)).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
    expect(begin('01', binding.CKM_ECDSA)).toBe('CKR_KEY_TYPE_INCONSISTENT')
    expect(begin('01', binding.CKM_SHA256_RSA_PKCS)).toBe('CKR_MECHANISM_INVALID')
    expect(begin('01', binding.CKM_RSA_PKCS_PSS)).toBe('CKR_MECHANISM_PARAM_INVALID')
  })

  test('RSA: signatures are right in both paddings, and three ways of decryption open what the public key has closed', () => {
    plugIn()
    const session = client.login('K', pin)
    const { sign, decrypt } = practiceCa().bidder
    const data = randomBytes(100)
    const digest = createHash('sha256').update(data).digest()
    const pss = {
      mechanism: binding.CKM_RSA_PKCS_PSS,
      parameter: {
        type: binding.CK_PARAMS_RSA_PSS,
        hashAlg: binding.CKM_SHA256,
        mgf: binding.CKG_MGF1_SHA256,
        saltLen: 32,
      },
    }
    const key = createPublicKey(sign.privateKey)
    expect(
      verify('sha256', data, key, client.sign(session, '01', binding.CKM_RSA_PKCS, digestInfoSha256(digest))),
    ).toBe(true)
    const padding = constants.RSA_PKCS1_PSS_PADDING
    expect(verify('sha256', data, { key, padding, saltLength: 32 }, client.sign(session, '01', pss, digest))).toBe(true)
    const oaep = {
      mechanism: binding.CKM_RSA_PKCS_OAEP,
      parameter: {
        type: binding.CK_PARAMS_RSA_OAEP,
        hashAlg: binding.CKM_SHA256,
        mgf: binding.CKG_MGF1_SHA256,
        source: 1,
      },
    }
    const secret = randomBytes(32)
    const own = createPublicKey(decrypt.privateKey)
    const closed = publicEncrypt({ key: own, oaepHash: 'sha256' }, secret)
    expect(Buffer.from(client.decrypt(session, '02', oaep, closed))).toEqual(secret)
    const pkcs1 = publicEncrypt({ key: own, padding: constants.RSA_PKCS1_PADDING }, secret)
    expect(Buffer.from(client.decrypt(session, '02', binding.CKM_RSA_PKCS, pkcs1))).toEqual(secret)
    const block = client.decrypt(session, '02', binding.CKM_RSA_X_509, pkcs1)
    expect([block.length, block[0], block[1]]).toEqual([256, 0, 2])
    expect(Buffer.from(block.subarray(-32))).toEqual(secret)
    expect(codeOf(() => client.decrypt(session, '02', oaep, pkcs1))).toBe('CKR_ENCRYPTED_DATA_INVALID')
    expect(codeOf(() => client.decrypt(session, '02', oaep, pkcs1.subarray(1)))).toBe('CKR_ENCRYPTED_DATA_LEN_RANGE')
  })

  test.each(['P-256', 'P-384'] as const)('%s: signatures are right, and both sides agree on one secret', curve => {
    const privateKey = testKey('agree', curve)
    plugIn({
      keys: [
        { id: '05', label: 'ec', use: 'decrypt', privateKey },
        { id: '06', label: 'ec', use: 'sign', privateKey },
      ],
    })
    const session = client.login('K', pin)
    const data = randomBytes(10)
    const hash = curve === 'P-256' ? 'sha256' : 'sha384'
    const signature = client.sign(session, '06', binding.CKM_ECDSA, createHash(hash).update(data).digest())
    expect(verify(hash, data, { key: createPublicKey(privateKey), dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
    const other = generateKeyPairSync('ec', { namedCurve: curve })
    const { x = '', y = '' } = other.publicKey.export({ format: 'jwk' })
    const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
    const expected = diffieHellman({ privateKey: other.privateKey, publicKey: createPublicKey(privateKey) })
    expect(Buffer.from(client.derive(session, '05', point))).toEqual(expected)
    const wrapped = Buffer.concat([Buffer.of(4, point.length), point])
    expect(Buffer.from(client.derive(session, '05', wrapped))).toEqual(expected)
    point.writeUInt8((point.at(-1) ?? 0) ^ 1, point.length - 1)
    expect(codeOf(() => client.functions.C_DeriveKey(session, ecdh(point), client.key(session, '05'), []))).toBe(
      'CKR_MECHANISM_PARAM_INVALID',
    )
  })

  test('SM2: signatures over e and over messages are right in both forms, and ciphertexts are opened', () => {
    const { bidder } = gmCa()
    plugIn({ keys: bidderKeys(bidder) })
    const session = client.login('K', pin)
    const point = sm2PointOf(parseCertificate(bidder.sign.certificate))
    const e = randomBytes(32)
    const right = (mechanism: number, form: 'raw' | 'der') =>
      sm2VerifyDigest(
        point,
        e,
        writeSm2Signature(readSm2Signature(client.sign(session, '01', mechanism, e), form), 'der'),
      )
    expect([right(0x80008104, 'der'), right(0x80008105, 'raw')]).toEqual([true, true])
    expect(codeOf(() => client.sign(session, '01', 0x80008104, randomBytes(33)))).toBe('CKR_DATA_LEN_RANGE')
    const secret = randomBytes(48)
    const cipher = sm2Encrypt(sm2PointOf(parseCertificate(bidder.decrypt.certificate)), secret)
    expect(Buffer.from(client.decrypt(session, '02', 0x80008201, cipher))).toEqual(secret)
  })

  test('random bytes are random', () => {
    plugIn()
    const session = client.open('K')
    const [one, two] = [0, 1].map(() => client.functions.C_GenerateRandom(session, Buffer.alloc(32)))
    expect(one).not.toEqual(two)
  })
})
