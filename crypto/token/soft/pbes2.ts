import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto'
import { Buffer } from 'node:buffer'
import type { Asn1 } from './asn1.ts'
import {
  asn1Null,
  elements,
  integer,
  octets,
  octetString,
  oid,
  oidOf,
  pfxOids,
  sequence,
  smallInteger,
} from './asn1.ts'

/** Password-based encryption of PKCS #5 v2 (RFC 8018, 6.2) as it is written today: PBKDF2 and AES in CBC mode. */
export interface Pbes2 {
  readonly prf: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  readonly salt: Uint8Array
  readonly iterations: number
  readonly cipher: 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc'
  readonly iv: Uint8Array
}

/** An AlgorithmIdentifier of PBES2 as its parts; null for another scheme or for parts that are not known. */
export function readPbes2(algorithm: Asn1): Pbes2 | null {
  const [scheme, parameters] = elements(algorithm)
  if (oidOf(scheme) !== pfxOids.pbes2) return null
  const [derivation, encryption] = elements(parameters)
  const [derivationName, derivationParameters] = elements(derivation)
  const [cipherName, iv] = elements(encryption)
  const cipher = ciphers[oidOf(cipherName)]
  if (oidOf(derivationName) !== pfxOids.pbkdf2 || cipher === undefined) return null
  const [salt, iterations, ...rest] = elements(derivationParameters)
  // keyLength may stand before the PRF, and follows from the cipher; without a PRF it is HMAC-SHA-1.
  const named = rest.find(part => Array.isArray(part.value))
  const prf = named === undefined ? 'sha1' : prfs[oidOf(elements(named)[0])]
  if (prf === undefined) return null
  return { prf, salt: octets(salt), iterations: smallInteger(iterations), cipher, iv: octets(iv) }
}

/** Decrypts; null when the padding does not hold, which is how a wrong PIN shows. The answer is the caller's to wipe. */
export function decryptPbes2(scheme: Pbes2, pin: string, encrypted: Uint8Array): Uint8Array | null {
  const key = deriveKey(scheme, pin)
  try {
    const decipher = createDecipheriv(scheme.cipher, key, scheme.iv)
    return new Uint8Array(Buffer.concat([decipher.update(encrypted), decipher.final()]))
  } catch {
    return null
  } finally {
    key.fill(0)
  }
}

/** EncryptedPrivateKeyInfo under a PIN: AES-256, HMAC-SHA-256. */
export function encryptPbes2(plaintext: Uint8Array, pin: string, iterations: number): Asn1 {
  const scheme: Pbes2 = {
    prf: 'sha256',
    salt: new Uint8Array(randomBytes(16)),
    iterations,
    cipher: 'aes-256-cbc',
    iv: new Uint8Array(randomBytes(16)),
  }
  const key = deriveKey(scheme, pin)
  const cipher = createCipheriv(scheme.cipher, key, scheme.iv)
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()])
  key.fill(0)
  const prf = sequence(oid(hmacSha256), asn1Null())
  const derivation = sequence(oid(pfxOids.pbkdf2), sequence(octetString(scheme.salt), integer(iterations), prf))
  const algorithm = sequence(oid(pfxOids.pbes2), sequence(derivation, sequence(oid(aes256), octetString(scheme.iv))))
  return sequence(algorithm, octetString(encrypted))
}

const hmacSha256 = '1.2.840.113549.2.9'
const aes256 = '2.16.840.1.101.3.4.1.42'

const prfs: Readonly<Record<string, Pbes2['prf']>> = {
  '1.2.840.113549.2.7': 'sha1',
  [hmacSha256]: 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}

const ciphers: Readonly<Record<string, Pbes2['cipher']>> = {
  '2.16.840.1.101.3.4.1.2': 'aes-128-cbc',
  '2.16.840.1.101.3.4.1.22': 'aes-192-cbc',
  [aes256]: 'aes-256-cbc',
}

const keyLengths: Readonly<Record<Pbes2['cipher'], number>> = {
  'aes-128-cbc': 16,
  'aes-192-cbc': 24,
  'aes-256-cbc': 32,
}

/** The password is UTF-8 here, and UTF-16 in the MAC beside it. */
function deriveKey({ prf, salt, iterations, cipher }: Pbes2, pin: string): Uint8Array {
  return pbkdf2Sync(pin, salt, iterations, keyLengths[cipher], prf)
}
