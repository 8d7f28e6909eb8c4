import type { Handle, PKCS11 } from 'pkcs11js'
import { integerFromOctets } from '../../der/writer.ts'
import { parseCertificate } from '../../cert/certificate.ts'
import { CryptoFailure } from '../../errors.ts'
import type { PracticeCertificate, PracticeTokenKeys, PracticeTokenOptions } from '../port.ts'
import { rsaPublicKeyInfo } from './certificates.ts'
import { CKA, CKC, CKF, CKK, CKM, CKO, CKU } from './constants.ts'
import { toFailure } from './errors.ts'
import type { Pkcs11Library } from './library.ts'
import { closeLogin, openLogin } from './logins.ts'
import { findCertificates, findPrivateKeys, readAttribute } from './objects.ts'
import { isInitialized, readSlots, type TokenSlot } from './slots.ts'
import { summaryUri } from './summary.ts'

/** Ids of the two key pairs on a practice lock. */
const signId = Uint8Array.of(1)
const decryptId = Uint8Array.of(2)

/**
 * Initialises a blank token and makes its two RSA-2048 pairs on it. Throws `token.not-blank` when every token is
 * initialised already: a real lock can never be overwritten by a rehearsal. No standard numbers the SM2 mechanisms of
 * PKCS #11, so that SM2 pairs are `token.unsupported` before any token is touched.
 */
export function initialisePracticeToken(library: Pkcs11Library, options: PracticeTokenOptions): PracticeTokenKeys {
  const { functions } = library
  if (options.keyKind !== 'rsa-2048') {
    throw new CryptoFailure('token.unsupported', 'SM2 keys cannot be made through PKCS #11')
  }
  const label = paddedLabel(options.label)
  try {
    const before = readSlots(functions).tokens
    const blank = before.find(token => !isInitialized(token))
    if (blank === undefined) throw new CryptoFailure('token.not-blank', 'the module has no token that is still blank')
    functions.C_InitToken(blank.slot, options.soPin, label)
    const token = findNew(before, readSlots(functions).tokens, options.label)
    setUserPin(functions, token, options)
    return makeKeys(library, readAgain(functions, token), options.pin)
  } catch (error) {
    throw toFailure(error, 'making a practice lock')
  }
}

/**
 * Stores the certificates of a practice lock. Throws `token.not-blank` when the token holds certificates already, and
 * `token.wrong-lock` when it has no private key for one of them.
 */
export function storePracticeCertificates(
  library: Pkcs11Library,
  token: TokenSlot,
  pin: string,
  certificates: readonly PracticeCertificate[],
): void {
  const { functions } = library
  const login = openLogin(library, token, pin, 'write')
  try {
    if (findCertificates(functions, login.session).length > 0) {
      throw new CryptoFailure('token.not-blank', 'the token holds certificates already')
    }
    for (const { keyId } of certificates) {
      if (keyId !== undefined && findPrivateKeys(functions, login.session, Buffer.from(keyId, 'hex')).length !== 1) {
        throw new CryptoFailure('token.wrong-lock', 'the token has no private key for one of the certificates')
      }
    }
    for (const certificate of certificates) createCertificate(functions, login.session, certificate)
  } catch (error) {
    throw toFailure(error, 'storing certificates')
  } finally {
    closeLogin(library, login, true)
  }
}

/** CK_UTF8CHAR[32], padded with blanks. */
function paddedLabel(label: string): string {
  const length = new TextEncoder().encode(label).length
  if (length === 0 || length > 32) throw new CryptoFailure('arguments.bad', 'a token label has 1 to 32 bytes in UTF-8')
  return label + ' '.repeat(32 - length)
}

/** Slots are numbered anew by initialisation, serial numbers are not given twice. */
function findNew(before: readonly TokenSlot[], after: readonly TokenSlot[], label: string): TokenSlot {
  const old = new Set(before.filter(isInitialized).map(({ serial }) => serial))
  const found = after.filter(token => isInitialized(token) && token.label === label && !old.has(token.serial))
  const [token] = found
  if (token === undefined || found.length > 1) {
    throw new CryptoFailure('token.unsupported', 'the token just initialised cannot be told from the others')
  }
  return token
}

function setUserPin(functions: PKCS11, token: TokenSlot, options: PracticeTokenOptions): void {
  const session = functions.C_OpenSession(token.slot, CKF.serialSession | CKF.readWriteSession)
  try {
    functions.C_Login(session, CKU.securityOfficer, options.soPin)
    functions.C_InitPIN(session, options.pin)
    functions.C_Logout(session)
  } finally {
    functions.C_CloseSession(session)
  }
}

function readAgain(functions: PKCS11, token: TokenSlot): TokenSlot {
  return readSlots(functions).tokens.find(({ slot }) => slot.equals(token.slot)) ?? token
}

function makeKeys(library: Pkcs11Library, token: TokenSlot, pin: string): PracticeTokenKeys {
  const login = openLogin(library, token, pin, 'write')
  try {
    return {
      tokenUri: summaryUri(token, library.path),
      sign: makeKey(library.functions, login.session, signId, 'sign'),
      decrypt: makeKey(library.functions, login.session, decryptId, 'decrypt'),
    }
  } finally {
    closeLogin(library, login, true)
  }
}

function makeKey(
  functions: PKCS11,
  session: Handle,
  id: Uint8Array,
  use: 'sign' | 'decrypt',
): { readonly keyId: string; readonly publicKey: Uint8Array } {
  const common = [
    { type: CKA.token, value: true },
    { type: CKA.id, value: Buffer.from(id) },
    { type: CKA.label, value: use },
    { type: CKA.keyType, value: CKK.rsa },
  ]
  const pair = functions.C_GenerateKeyPair(
    session,
    { mechanism: CKM.rsaPkcsKeyPairGen },
    [
      ...common,
      { type: CKA.class, value: CKO.publicKey },
      { type: CKA.modulusBits, value: 2048 },
      { type: CKA.publicExponent, value: Buffer.from([1, 0, 1]) },
      { type: use === 'sign' ? CKA.verify : CKA.encrypt, value: true },
    ],
    [
      ...common,
      { type: CKA.class, value: CKO.privateKey },
      { type: CKA.private, value: true },
      { type: CKA.sensitive, value: true },
      { type: CKA.extractable, value: false },
      { type: CKA.sign, value: use === 'sign' },
      { type: CKA.decrypt, value: use === 'decrypt' },
    ],
  )
  const modulus = readAttribute(functions, session, pair.publicKey, CKA.modulus)
  const exponent = readAttribute(functions, session, pair.publicKey, CKA.publicExponent)
  if (modulus === null || exponent === null) {
    throw new CryptoFailure('token.unsupported', 'the token does not show the public key it has made')
  }
  return { keyId: Buffer.from(id).toString('hex'), publicKey: rsaPublicKeyInfo(modulus, exponent) }
}

function createCertificate(
  functions: PKCS11,
  session: Handle,
  { keyId, label, certificate }: PracticeCertificate,
): void {
  const parsed = parseCertificate(certificate)
  functions.C_CreateObject(session, [
    { type: CKA.class, value: CKO.certificate },
    { type: CKA.certificateType, value: CKC.x509 },
    { type: CKA.token, value: true },
    { type: CKA.private, value: false },
    { type: CKA.label, value: label },
    { type: CKA.subject, value: Buffer.from(parsed.subject) },
    { type: CKA.issuer, value: Buffer.from(parsed.issuer) },
    { type: CKA.serialNumber, value: Buffer.from(integerFromOctets(parsed.serial)) },
    { type: CKA.value, value: Buffer.from(certificate) },
    ...(keyId === undefined ? [] : [{ type: CKA.id, value: Buffer.from(keyId, 'hex') }]),
  ])
}
