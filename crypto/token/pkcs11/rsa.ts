import { randomBytes } from 'node:crypto'
import type { Handle, Mechanism, PKCS11, RsaOAEP, RsaPSS } from 'pkcs11js'
import type { EcTransport, KeyTransport, Sm2Transport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import { decodeOaepSha256, decodePkcs1, digestInfoSha256 } from '../../sign/rsa-padding.ts'
import type { SignatureAlgorithm } from '../../sign/signer.ts'
import { bindingParameter, CKG, CKM, CKR, CKZ } from './constants.ts'
import { isCode, returnCode } from './errors.ts'

/** One private key ready for one operation. */
export interface KeyInUse {
  readonly functions: PKCS11
  readonly session: Handle
  readonly key: Handle
  /** Mechanisms the token claims; empty where it does not tell. */
  readonly mechanisms: ReadonlySet<number>
  /** Called between the operation's beginning and its end: keys that want the PIN for each use are given it there. */
  authenticate(): void
  /** Throws `token.removed` when the token is gone: a library's general error can mean either. */
  requirePresent(): void
}

/** What an envelope to an RSA key asks for. */
export type RsaTransport = Exclude<KeyTransport, EcTransport | Sm2Transport>

/** Longest result believed, in bytes: RSA of 8,192 bits. */
const outputLimit = 1024

/** Whether a token that claims these mechanisms can do the algorithm. */
export function canSign(mechanisms: ReadonlySet<number>, algorithm: SignatureAlgorithm): boolean {
  if (algorithm === 'rsa-pkcs1-sha256') return mechanisms.size === 0 || mechanisms.has(CKM.rsaPkcs)
  return algorithm === 'rsa-pss-sha256' && mechanisms.has(CKM.rsaPkcsPss)
}

/** Signs a SHA-256 digest. Throws what the library throws, `token.unsupported` for an algorithm that is not RSA's. */
export function signRsa(use: KeyInUse, algorithm: SignatureAlgorithm, digest: Uint8Array): Uint8Array {
  if (algorithm === 'rsa-pkcs1-sha256') return sign(use, { mechanism: CKM.rsaPkcs }, digestInfoSha256(digest))
  if (algorithm === 'rsa-pss-sha256') return sign(use, pssSha256, digest)
  throw new CryptoFailure('token.unsupported', `an RSA key cannot do ${algorithm}`)
}

/**
 * Opens a transported key. Whatever is wrong with the ciphertext answers random bytes (see `KeyOpener.open`); only what is
 * wrong with the token is thrown. `modulusBytes` is the length of the modulus.
 */
export function openRsa(use: KeyInUse, transport: RsaTransport, modulusBytes: number): Uint8Array {
  const keyLength = transport.kind === 'rsa-pkcs1' ? transport.keyLength : oaepKeyLength
  const fallback = new Uint8Array(randomBytes(keyLength))
  const ciphertext = leftPad(transport.encryptedKey, modulusBytes)
  if (ciphertext === null) return fallback
  return transport.kind === 'rsa-pkcs1'
    ? openPkcs1(use, ciphertext, keyLength, fallback)
    : openOaep(use, ciphertext, keyLength, fallback)
}

/** `intl-1` transports AES-256 keys. */
const oaepKeyLength = 32

const pssParameter: RsaPSS = {
  type: bindingParameter.rsaPss,
  hashAlg: CKM.sha256,
  mgf: CKG.mgf1Sha256,
  saltLen: 32,
}
const pssSha256: Mechanism = { mechanism: CKM.rsaPkcsPss, parameter: pssParameter }

const oaepParameter: RsaOAEP = {
  type: bindingParameter.rsaOaep,
  hashAlg: CKM.sha256,
  mgf: CKG.mgf1Sha256,
  source: CKZ.dataSpecified,
}
const oaepSha256: Mechanism = { mechanism: CKM.rsaPkcsOaep, parameter: oaepParameter }

/** Raw RSA where the token has it: then the padding is judged here, in constant time, and not by its return codes. */
function openPkcs1(use: KeyInUse, ciphertext: Uint8Array, keyLength: number, fallback: Uint8Array): Uint8Array {
  const raw = decryptRaw(use, ciphertext)
  if (raw !== null) return consume(raw, block => decodePkcs1(block, keyLength, fallback))
  const key = decrypt(use, { mechanism: CKM.rsaPkcs }, ciphertext)
  if (key === 'refused') throw new CryptoFailure('token.unsupported', 'the token cannot decrypt with this key')
  return key !== 'bad' && key.length === keyLength ? key : fallback
}

function openOaep(use: KeyInUse, ciphertext: Uint8Array, keyLength: number, fallback: Uint8Array): Uint8Array {
  const key = mayHave(use, CKM.rsaPkcsOaep) ? decrypt(use, oaepSha256, ciphertext) : 'refused'
  if (key !== 'refused') return key !== 'bad' && key.length === keyLength ? key : fallback
  // SoftHSM 2.6 and many tokens know OAEP with SHA-1 only.
  const raw = decryptRaw(use, ciphertext)
  if (raw === null) throw new CryptoFailure('token.unsupported', 'the token has neither OAEP with SHA-256 nor raw RSA')
  return consume(raw, block => decodeOaepSha256(block, keyLength, fallback))
}

/** The block behind the ciphertext, as long as the modulus; zeros for a bad ciphertext; null without raw RSA. */
function decryptRaw(use: KeyInUse, ciphertext: Uint8Array): Uint8Array | null {
  if (!mayHave(use, CKM.rsaX509)) return null
  const block = decrypt(use, { mechanism: CKM.rsaX509 }, ciphertext)
  if (block === 'refused') return null
  if (block === 'bad') return new Uint8Array(ciphertext.length)
  // Some libraries strip the leading zero.
  return leftPad(block, ciphertext.length) ?? new Uint8Array(ciphertext.length)
}

function consume(block: Uint8Array, decode: (block: Uint8Array) => Uint8Array): Uint8Array {
  try {
    return decode(block)
  } finally {
    block.fill(0)
  }
}

function mayHave(use: KeyInUse, mechanism: number): boolean {
  return use.mechanisms.size === 0 || use.mechanisms.has(mechanism)
}

/** `refused`: the token does not do this mechanism. `bad`: it does, and did not like the ciphertext. */
function decrypt(use: KeyInUse, mechanism: Mechanism, ciphertext: Uint8Array): Uint8Array | 'refused' | 'bad' {
  try {
    use.functions.C_DecryptInit(use.session, mechanism, use.key)
  } catch (error) {
    if (isCode(error, CKR.argumentsBad, CKR.mechanismInvalid, CKR.mechanismParamInvalid)) return 'refused'
    throw error
  }
  use.authenticate()
  const output = Buffer.alloc(outputLimit)
  try {
    return Uint8Array.from(use.functions.C_Decrypt(use.session, Buffer.from(ciphertext), output))
  } catch (error) {
    if (isCode(error, CKR.argumentsBad, CKR.mechanismInvalid, CKR.mechanismParamInvalid)) return 'refused'
    if (!isCode(error, ...badCiphertext)) throw error
    use.requirePresent()
    return 'bad'
  } finally {
    output.fill(0)
  }
}

/** No two libraries agree on how to say that a padding is wrong; SoftHSM says CKR_GENERAL_ERROR. */
const badCiphertext = [
  CKR.generalError,
  CKR.functionFailed,
  CKR.dataInvalid,
  CKR.dataLenRange,
  CKR.encryptedDataInvalid,
  CKR.encryptedDataLenRange,
] as const

function sign(use: KeyInUse, mechanism: Mechanism, input: Uint8Array): Uint8Array {
  use.functions.C_SignInit(use.session, mechanism, use.key)
  use.authenticate()
  try {
    return Uint8Array.from(use.functions.C_Sign(use.session, Buffer.from(input), Buffer.alloc(outputLimit)))
  } catch (error) {
    if (returnCode(error) !== null) use.requirePresent()
    throw error
  }
}

/** Null when the bytes, leading zeros aside, are longer than `length`. */
function leftPad(bytes: Uint8Array, length: number): Uint8Array | null {
  const excess = Math.max(0, bytes.length - length)
  if (bytes.subarray(0, excess).some(byte => byte !== 0)) return null
  const padded = new Uint8Array(length)
  padded.set(bytes.subarray(excess), length - (bytes.length - excess))
  return padded
}
