import type { Handle, PKCS11 } from 'pkcs11js'
import { integerFromOctets } from '../../der/writer.ts'
import { parseCertificate } from '../../cert/certificate.ts'
import { CryptoFailure } from '../../errors.ts'
import { usesOf } from '../key-use.ts'
import type { PracticeCertificate, PracticeTokenKeys, PracticeTokenOptions } from '../port.ts'
import { CKA, CKC, CKF, CKO, CKU } from './constants.ts'
import { toFailure } from './errors.ts'
import type { Pkcs11Library } from './library.ts'
import { closeLogin, type Login, openLogin } from './logins.ts'
import { findCertificates } from './objects.ts'
import { findPrivateKey } from './own-key.ts'
import { makePracticeKey, type PracticeKeyMaker, practiceKeyMaker } from './practice-keys.ts'
import { isInitialized, readSlots, type TokenSlot } from './slots.ts'
import { summaryUri } from './summary.ts'

/**
 * Initialises a blank token and makes its two key pairs on it. Throws `token.not-blank` when every token is initialised
 * already: a real lock can never be overwritten by a rehearsal. SM2 pairs that the vendor's profile does not say how to
 * make are `token.unsupported` before any token is touched.
 */
export function initialisePracticeToken(library: Pkcs11Library, options: PracticeTokenOptions): PracticeTokenKeys {
  const { functions } = library
  const maker = practiceKeyMaker(options.keyKind, library.profile)
  const label = paddedLabel(options.label)
  try {
    const before = readSlots(functions).tokens
    const blank = before.find(token => !isInitialized(token))
    if (blank === undefined) throw new CryptoFailure('token.not-blank', 'the module has no token that is still blank')
    functions.C_InitToken(blank.slot, options.soPin, label)
    const token = findNew(before, readSlots(functions).tokens, options.label)
    setUserPin(functions, token, options)
    return makeKeys(library, readAgain(functions, token), options.pin, maker)
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
  const login = openLogin(library, token, pin, { mode: 'write' })
  try {
    if (findCertificates(functions, login.session).length > 0) {
      throw new CryptoFailure('token.not-blank', 'the token holds certificates already')
    }
    for (const certificate of certificates) requireKey(library, login, certificate)
    for (const certificate of certificates) createCertificate(functions, login.session, certificate)
  } catch (error) {
    throw toFailure(error, 'storing certificates')
  } finally {
    closeLogin(library, login, true)
  }
}

function requireKey(
  { functions, profile }: Pkcs11Library,
  { session }: Login,
  { keyId, label, certificate }: PracticeCertificate,
): void {
  if (keyId === undefined) return
  const parsed = parseCertificate(certificate)
  const known = { keyId, label, certificate, parsed, uses: usesOf(parsed), id: Buffer.from(keyId, 'hex') }
  if (findPrivateKey({ functions, session, profile }, known) === null) {
    throw new CryptoFailure('token.wrong-lock', 'the token has no private key for one of the certificates')
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

function makeKeys(library: Pkcs11Library, token: TokenSlot, pin: string, maker: PracticeKeyMaker): PracticeTokenKeys {
  const login = openLogin(library, token, pin, { mode: 'write' })
  try {
    return {
      tokenUri: summaryUri(token, library.path),
      sign: makePracticeKey(library.functions, login.session, maker, 'sign'),
      decrypt: makePracticeKey(library.functions, login.session, maker, 'decrypt'),
    }
  } finally {
    closeLogin(library, login, true)
  }
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
