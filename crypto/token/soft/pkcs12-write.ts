import { randomBytes } from 'node:crypto'
import type { KeyUse } from '../port.ts'
import type { Asn1 } from './asn1.ts'
import { asn1Null, bmpString, explicit, integer, octetString, oid, pfxOids, sequence, set, writeDer } from './asn1.ts'
import { writeLockFile } from './lock-file.ts'
import { encryptPbes2 } from './pbes2.ts'
import { computeMac } from './pkcs12-mac.ts'

/** A key pair that goes into a soft lock. */
export interface SoftKeyPair {
  readonly use: KeyUse
  /** PKCS #8 DER. It stays the caller's, who wipes it. */
  readonly privateKey: Uint8Array
  /** DER; absent while the certificate is not yet issued. */
  readonly certificate?: Uint8Array
}

/** A soft lock to be written. */
export interface NewSoftLock {
  readonly pin: string
  /** Seen by the user; any language. */
  readonly label: string
  readonly keys: readonly SoftKeyPair[]
  /** DER. */
  readonly intermediates: readonly Uint8Array[]
}

/** Local key ids of the pairs of a practice lock, by use. */
export const softKeyIds: Readonly<Record<KeyUse, string>> = { sign: '01', decrypt: '02' }

/**
 * A soft lock as PKCS #12. The keys are encrypted (PBES2, AES-256-CBC, PBKDF2 with HMAC-SHA-256), the encryption key
 * first, so that other programs that take the first key of a file take that one; the certificates stand in clear and can
 * be listed without a PIN; an HMAC-SHA-256 under the PIN covers all.
 */
export function encodeSoftLock({ pin, label, keys, intermediates }: NewSoftLock): Uint8Array {
  const ordered = [...keys.filter(({ use }) => use === 'decrypt'), ...keys.filter(({ use }) => use === 'sign')]
  const keyBags = ordered.map(key => keyBag(key, pin, label))
  const certificateBags = ordered.flatMap(({ use, certificate }) =>
    certificate === undefined ? [] : [certificateBag(certificate, attributes(label, softKeyIds[use]))],
  )
  const intermediateBags = intermediates.map(certificate => certificateBag(certificate, null))
  const safes = [keyBags, [...certificateBags, ...intermediateBags]].filter(bags => bags.length > 0)
  return encodePfx(
    safes.map(bags => dataContent(writeDer(sequence(...bags)))),
    pin,
  )
}

/**
 * Writes a soft lock as a file of its owner alone. `mode` `create` refuses a file that is there with `token.not-blank`;
 * `replace` puts the new one in its place in one step. Throws `output.unwritable`.
 */
export async function writeSoftLock(
  path: string,
  lock: NewSoftLock,
  mode: 'create' | 'replace' = 'create',
): Promise<void> {
  await writeLockFile(path, encodeSoftLock(lock), mode)
}

/** A PFX of these safes (SafeContents or their encryption, as ContentInfos) under a MAC of the PIN. */
export function encodePfx(safes: readonly Asn1[], pin: string): Uint8Array {
  const content = writeDer(sequence(...safes))
  return writeDer(sequence(integer(3), dataContent(content), macData(pin, content)))
}

/** A ContentInfo of these bytes in clear. */
export function dataContent(bytes: Uint8Array): Asn1 {
  return sequence(oid(pfxOids.data), explicit(octetString(bytes)))
}

/** Rounds of a PIN's derivation: about 40 ms for each key and for the MAC. */
export const pinRounds = 50_000

const saltLength = 16

function keyBag({ use, privateKey }: SoftKeyPair, pin: string, label: string): Asn1 {
  const encrypted = encryptPbes2(privateKey, pin, pinRounds)
  return sequence(oid(pfxOids.shroudedKeyBag), explicit(encrypted), attributes(label, softKeyIds[use]))
}

function certificateBag(certificate: Uint8Array, described: Asn1 | null): Asn1 {
  const bag = sequence(oid(pfxOids.x509Certificate), explicit(octetString(certificate)))
  return sequence(oid(pfxOids.certBag), explicit(bag), ...(described === null ? [] : [described]))
}

function attributes(label: string, localKeyId: string): Asn1 {
  return set(
    sequence(oid(pfxOids.friendlyName), set(bmpString(label))),
    sequence(oid(pfxOids.localKeyId), set(octetString(Buffer.from(localKeyId, 'hex')))),
  )
}

function macData(pin: string, content: Uint8Array): Asn1 {
  const salt = new Uint8Array(randomBytes(saltLength))
  const value = computeMac(pin, content, { digest: 'sha256', salt, iterations: pinRounds })
  const digestInfo = sequence(sequence(oid(pfxOids.sha256), asn1Null()), octetString(value))
  return sequence(digestInfo, octetString(salt), integer(pinRounds))
}
