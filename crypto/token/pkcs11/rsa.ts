import { randomBytes } from 'node:crypto'
import type { Mechanism, RsaOAEP, RsaPSS } from 'pkcs11js'
import type { EcTransport, KeyTransport, Sm2Transport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import { decodeOaepSha256, decodePkcs1, digestInfoSha256 } from '../../sign/rsa-padding.ts'
import type { SignatureAlgorithm } from '../../sign/signer.ts'
import { bindingParameter, CKG, CKM, CKZ } from './constants.ts'
import { decryptWith, type KeyInUse, leftPad, mayHave, signWith } from './key-in-use.ts'

/** What an envelope to an RSA key asks for. */
export type RsaTransport = Exclude<KeyTransport, EcTransport | Sm2Transport>

/** Whether a token that claims these mechanisms can do the algorithm. */
export function canSign(mechanisms: ReadonlySet<number>, algorithm: SignatureAlgorithm): boolean {
  if (algorithm === 'rsa-pkcs1-sha256') return mayHave({ mechanisms }, CKM.rsaPkcs)
  return algorithm === 'rsa-pss-sha256' && mechanisms.has(CKM.rsaPkcsPss)
}

/**
 * Signs a SHA-256 digest; the signature is as long as the modulus. Throws what the library throws, `token.unsupported` for
 * an algorithm that is not RSA's.
 */
export function signRsa(
  use: KeyInUse,
  algorithm: SignatureAlgorithm,
  digest: Uint8Array,
  modulusBytes: number,
): Uint8Array {
  const signature = signRaw(use, algorithm, digest)
  // Some libraries strip the leading zeros.
  return leftPad(signature, modulusBytes) ?? signature
}

function signRaw(use: KeyInUse, algorithm: SignatureAlgorithm, digest: Uint8Array): Uint8Array {
  if (algorithm === 'rsa-pkcs1-sha256') return signWith(use, { mechanism: CKM.rsaPkcs }, digestInfoSha256(digest))
  if (algorithm === 'rsa-pss-sha256') return signWith(use, pssSha256, digest)
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
  const key = decryptWith(use, { mechanism: CKM.rsaPkcs }, ciphertext)
  if (key === 'refused') throw new CryptoFailure('token.unsupported', 'the token cannot decrypt with this key')
  return key !== 'bad' && key.length === keyLength ? key : fallback
}

function openOaep(use: KeyInUse, ciphertext: Uint8Array, keyLength: number, fallback: Uint8Array): Uint8Array {
  const key = mayHave(use, CKM.rsaPkcsOaep) ? decryptWith(use, oaepSha256, ciphertext) : 'refused'
  if (key !== 'refused') return key !== 'bad' && key.length === keyLength ? key : fallback
  // SoftHSM 2.6 and many tokens know OAEP with SHA-1 only.
  const raw = decryptRaw(use, ciphertext)
  if (raw === null) throw new CryptoFailure('token.unsupported', 'the token has neither OAEP with SHA-256 nor raw RSA')
  return consume(raw, block => decodeOaepSha256(block, keyLength, fallback))
}

/** The block behind the ciphertext, as long as the modulus; zeros for a bad ciphertext; null without raw RSA. */
function decryptRaw(use: KeyInUse, ciphertext: Uint8Array): Uint8Array | null {
  if (!mayHave(use, CKM.rsaX509)) return null
  const block = decryptWith(use, { mechanism: CKM.rsaX509 }, ciphertext)
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
