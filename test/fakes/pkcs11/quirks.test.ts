import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Handle } from 'pkcs11js'
import { afterEach, expect, test } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../crypto/cert/certificate.ts'
import {
  readSm2Cipher,
  readSm2Signature,
  sm2Digest,
  sm2Encrypt,
  sm2VerifyDigest,
  sm2Z,
  writeSm2Cipher,
  writeSm2Signature,
} from '../../../crypto/sm/sm2/index.ts'
import { parseDriverProfile } from '../../../crypto/token/profiles/driver-profile-file.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { testKey } from '../../fixtures/practice-ca.ts'
import {
  bidderKeys,
  makeSoftPkcs11,
  type SoftPkcs11,
  type SoftPkcs11Key,
  softPkcs11Profile,
  type SoftPkcs11Quirk,
} from '../../fixtures/soft-pkcs11.ts'
import { binding, type Client, codeOf, connect } from './client.ts'

const pin = '111111'
const { bidder } = gmCa()
const signPoint = sm2PointOf(parseCertificate(bidder.sign.certificate))
const decryptPoint = sm2PointOf(parseCertificate(bidder.decrypt.certificate))
let client: Client
let p11: SoftPkcs11

function plugIn(quirks: readonly SoftPkcs11Quirk[], keys: readonly SoftPkcs11Key[] = bidderKeys(bidder)): void {
  p11 = makeSoftPkcs11({ quirks })
  p11.addLock({ token: 'K', keys })
  client = connect(p11)
}

afterEach(() => client.end())

/** A second login on one token needs the first to be over. */
function freshLogin(): Handle {
  client.functions.C_CloseAllSessions(client.slotOf('K'))
  return client.login('K', pin)
}

function ecKey(use: 'sign' | 'decrypt', privateKey: KeyObject = testKey('quirk', 'P-256')): SoftPkcs11Key {
  return { id: '01', label: 'ec', use, privateKey }
}

/** Signs as the profile says, and checks it as the profile says. */
function signsBy(quirks: readonly SoftPkcs11Quirk[]): boolean {
  const { sm2 } = softPkcs11Profile(quirks)
  if (sm2 === undefined) return false
  const { mechanism, input, parameter, output } = sm2.sign
  const message = randomBytes(77)
  const id = parameter === 'id' ? Buffer.from('someone@example.cn') : Buffer.from('1234567812345678')
  const e = sm2Digest(signPoint, message, id)
  const given = { none: undefined, id, z: Buffer.from(sm2Z(signPoint, id)) }[parameter]
  const signature = client.sign(
    freshLogin(),
    '01',
    given === undefined ? mechanism : { mechanism, parameter: given },
    input === 'e' ? e : message,
  )
  return sm2VerifyDigest(signPoint, e, writeSm2Signature(readSm2Signature(signature, output), 'der'))
}

function opensBy(quirks: readonly SoftPkcs11Quirk[]): boolean {
  const { sm2 } = softPkcs11Profile(quirks)
  if (sm2 === undefined) return false
  const secret = randomBytes(32)
  const cipher = writeSm2Cipher(readSm2Cipher(sm2Encrypt(decryptPoint, secret)), sm2.decrypt.layout)
  return Buffer.from(client.decrypt(freshLogin(), '02', sm2.decrypt.mechanism, cipher)).equals(secret)
}

const vendors = ['sansec', 'tass', 'koal', 'westone', 'ep11', 'mssince', 'xihsm'] as const
test.each(vendors)('numbers=%s: keys, signatures and decryption are found under that vendor’s numbers', vendor => {
  const quirk = `numbers=${vendor}` as const
  plugIn([quirk])
  const { sm2 } = p11.profile
  expect(client.find(freshLogin(), [{ type: binding.CKA_KEY_TYPE, value: sm2?.keyType ?? 0 }])).toHaveLength(4)
  expect([signsBy([quirk]), opensBy([quirk])]).toEqual([true, true])
})

const signatureQuirks: readonly (readonly SoftPkcs11Quirk[])[] = [
  ['sm2-message'],
  ['sm2-message', 'sm2-raw'],
  ['sm2-id'],
  ['sm2-z', 'sm2-raw'],
  ['sm2-der', 'numbers=koal'],
  ['sm2-raw'],
]
test.each(signatureQuirks.map(quirks => ({ quirks, name: quirks.join(' and ') })))(
  'SM2 signatures under $name are as the profile says',
  ({ quirks }) => {
    plugIn(quirks)
    expect(signsBy(quirks)).toBe(true)
  },
)

test.each(['asn1', '04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB'] as const)(
  'layout=%s is how ciphertexts are written, and another is refused',
  layout => {
    const quirks = [`layout=${layout}`] as const
    plugIn(quirks)
    expect(opensBy(quirks)).toBe(true)
    const other = layout === 'C1C2C3' ? 'layout=C1C3C2' : 'layout=C1C2C3'
    expect(codeOf(() => opensBy([other]))).toMatch(/^CKR_ENCRYPTED_DATA_/)
  },
)

test('bare-ec-point and private-ec-point show the point without its wrapping, on the private key too', () => {
  plugIn(['bare-ec-point', 'private-ec-point'])
  const session = client.login('K', pin)
  expect(client.read(session, client.key(session, '01'), binding.CKA_EC_POINT)).toEqual(signPoint)
})

test('without quirks the point is wrapped, and private keys do not show it', () => {
  plugIn([])
  const session = client.login('K', pin)
  expect(codeOf(() => client.read(session, client.key(session, '01'), binding.CKA_EC_POINT))).toBe(
    'CKR_ATTRIBUTE_TYPE_INVALID',
  )
  const [shown] = client.find(session, [{ type: binding.CKA_CLASS, value: binding.CKO_PUBLIC_KEY }])
  if (shown === undefined) throw new Error('no public key')
  expect(client.read(session, shown, binding.CKA_EC_POINT)).toEqual(Uint8Array.from([4, 65, ...signPoint]))
})

test('no-id and no-modulus hide CKA_ID everywhere and CKA_MODULUS of private keys', () => {
  plugIn(['no-id', 'no-modulus'], [{ id: '01', label: 'rsa', use: 'sign', privateKey: testKey('bidder-sign') }])
  const session = client.login('K', pin)
  expect(client.find(session, [{ type: binding.CKA_ID, value: Buffer.of(1) }])).toEqual([])
  const shows = client
    .find(session, [])
    .map(object => [
      client.read(session, object, binding.CKA_CLASS)[0],
      codeOf(() => client.read(session, object, binding.CKA_ID)),
      codeOf(() => client.read(session, object, binding.CKA_MODULUS)),
    ])
  expect(shows).toEqual([
    [3, 'CKR_ATTRIBUTE_TYPE_INVALID', 'CKR_ATTRIBUTE_TYPE_INVALID'],
    [2, 'CKR_ATTRIBUTE_TYPE_INVALID', 'CKR_OK'],
  ])
})

test('no-ec-params: SM2 keys are made and shown without their curve', () => {
  plugIn(['no-ec-params'])
  const session = client.login('K', pin, 'write')
  const make = (parameters: readonly { type: number; value: Buffer }[]) =>
    client.functions.C_GenerateKeyPair(session, { mechanism: 0x80008001 }, [...parameters], [])
  const curve = { type: binding.CKA_EC_PARAMS, value: Buffer.from('06082a811ccf5501822d', 'hex') }
  expect(codeOf(() => make([curve]))).toBe('CKR_TEMPLATE_INCONSISTENT')
  const { privateKey } = make([])
  expect(codeOf(() => client.read(session, privateKey, binding.CKA_EC_PARAMS))).toBe('CKR_ATTRIBUTE_TYPE_INVALID')
})

test('strip-zeros cuts r or s, which always has something to cut', () => {
  plugIn(['strip-zeros'], [ecKey('sign')])
  const session = client.login('K', pin)
  const lengths = [1, 2, 3].map(() => client.sign(session, '01', binding.CKM_ECDSA, randomBytes(32)).length)
  expect(lengths.every(length => length < 64)).toBe(true)
})

test('strip-zeros cuts shared secrets that begin with zeros', () => {
  plugIn(['strip-zeros'], [ecKey('decrypt')])
  const session = client.login('K', pin)
  for (;;) {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const publicKey = createPublicKey(testKey('quirk', 'P-256'))
    const secret = diffieHellman({ privateKey: other.privateKey, publicKey })
    if (secret[0] !== 0) continue
    const { x = '', y = '' } = other.publicKey.export({ format: 'jwk' })
    const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
    expect(client.derive(session, '01', point).length).toBeLessThan(32)
    break
  }
})

test('strip-zeros cuts the block of raw RSA', () => {
  const key = { id: '02', label: 'rsa', use: 'decrypt', privateKey: testKey('bidder-decrypt') } as const
  plugIn(['strip-zeros'], [key])
  // One to any power is one.
  const one = Buffer.alloc(256)
  one.writeUInt8(1, 255)
  expect(client.decrypt(freshLogin(), '02', binding.CKM_RSA_X_509, one)).toEqual(Uint8Array.of(1))
})

test('always-authenticate wants the PIN between the Init and each use', () => {
  plugIn(['always-authenticate'], [ecKey('sign')])
  const { functions } = client
  const session = client.login('K', pin)
  const key = client.key(session, '01')
  const again = (text: string) => codeOf(() => functions.C_Login(session, binding.CKU_CONTEXT_SPECIFIC, text))
  const sign = () => codeOf(() => functions.C_Sign(session, randomBytes(32), Buffer.alloc(64)))
  expect(client.read(session, key, binding.CKA_ALWAYS_AUTHENTICATE)).toEqual(Uint8Array.of(1))
  expect(again(pin)).toBe('CKR_OPERATION_NOT_INITIALIZED')
  functions.C_SignInit(session, { mechanism: binding.CKM_ECDSA }, key)
  expect(sign()).toBe('CKR_USER_NOT_LOGGED_IN')
  functions.C_SignInit(session, { mechanism: binding.CKM_ECDSA }, key)
  expect([again('000000'), p11.triesLeft('K'), again(pin), sign(), sign()]).toEqual([
    'CKR_PIN_INCORRECT',
    5,
    'CKR_OK',
    'CKR_OK',
    'CKR_OPERATION_NOT_INITIALIZED',
  ])
})

test('no-pin-flags: the flags tell nothing of the tries, which are counted all the same', () => {
  plugIn(['no-pin-flags'])
  const session = client.open('K')
  for (let tries = 0; tries < 6; tries += 1) codeOf(() => client.functions.C_Login(session, binding.CKU_USER, '0000'))
  expect([client.flags('K') & 0x70000, p11.triesLeft('K')]).toEqual([0, 0])
})

test('protected-path: the PIN is typed at the token, rightly, wrongly or not at all', () => {
  plugIn(['protected-path'])
  expect(client.flags('K') & binding.CKF_PROTECTED_AUTHENTICATION_PATH).not.toBe(0)
  const session = client.open('K')
  const typed = ['wrong', 'cancel', 'right'].map(what => {
    process.env['BIDSEAL_SOFT_P11_PAD'] = what
    return codeOf(() => client.functions.C_Login(session, binding.CKU_USER, ''))
  })
  delete process.env['BIDSEAL_SOFT_P11_PAD']
  expect(typed).toEqual(['CKR_PIN_INCORRECT', 'CKR_FUNCTION_CANCELED', 'CKR_OK'])
})

test('max-input=N refuses a longer message', () => {
  plugIn(['sm2-message', 'max-input=64'])
  const session = client.login('K', pin)
  expect(codeOf(() => client.sign(session, '01', 0x80008104, randomBytes(64)))).toBe('CKR_OK')
  expect(codeOf(() => client.sign(session, '01', 0x80008104, randomBytes(65)))).toBe('CKR_DATA_LEN_RANGE')
})

test('a quirk can be switched on while a process runs', () => {
  plugIn([])
  const session = client.login('K', pin)
  const length = () => client.sign(session, '01', 0x80008104, randomBytes(32)).length
  expect(length()).toBeGreaterThan(64)
  p11.setFaults('quirk=sm2-raw')
  expect(length()).toBe(64)
})

test('a token can be absent for a while', () => {
  plugIn([])
  const present = (): number => client.functions.C_GetSlotList(true).length
  const session = client.open('K')
  p11.setFaults('absent=OTHER', 'absent=K')
  expect([present(), codeOf(() => client.functions.C_GetSessionInfo(session))]).toEqual([0, 'CKR_DEVICE_REMOVED'])
  p11.setFaults()
  expect([present(), codeOf(() => client.functions.C_GetSessionInfo(session))]).toEqual([
    1,
    'CKR_SESSION_HANDLE_INVALID',
  ])
})

test('the profile is written as a vendor’s, which our own reader takes', () => {
  plugIn(['numbers=xihsm', 'sm2-z', 'no-ec-params', 'bare-ec-point', 'layout=asn1'])
  const read = parseDriverProfile(readFileSync(p11.writeProfile()))
  expect(read.kind === 'vendor' ? read.vendor.libraries[0] : read).toMatchObject({
    kind: 'pkcs11',
    pkcs11: p11.profile,
  })
})
