import forge from 'node-forge'
import { oids } from '../../der/oids.ts'
import { CryptoFailure } from '../../errors.ts'
import { type PrivateKey, readPrivateKey } from '../../sign/private-key.ts'
import type { Asn1 } from './asn1.ts'
import {
  elements,
  isOid,
  isTagged,
  octets,
  octetString,
  oidOf,
  pfxOids,
  readBer,
  sequence,
  smallInteger,
  tagged,
  textOf,
  unreadable,
  writeDer,
} from './asn1.ts'
import { decryptPbes2, type Pbes2, readPbes2 } from './pbes2.ts'
import { type MacDigest, macHolds, type Pkcs12Mac } from './pkcs12-mac.ts'

/** Longest soft lock that is read, in bytes. */
export const softLockLimit = 1024 * 1024

/** A certificate of a soft lock. */
export interface SoftCertificate {
  /** Local key id in hex; null where it has none, as an intermediate's. */
  readonly localKeyId: string | null
  readonly label: string
  /** DER, as it stands in the file. */
  readonly certificate: Uint8Array
}

/** A private key of a soft lock: RSA, P-256, P-384 or SM2. */
export interface SoftPrivateKey {
  readonly localKeyId: string | null
  readonly label: string
  readonly privateKey: PrivateKey
}

/** What can be read of a soft lock: without the PIN no keys, and the certificates only where they stand in clear. */
export interface SoftLock {
  readonly label: string
  readonly keys: readonly SoftPrivateKey[]
  readonly certificates: readonly SoftCertificate[]
}

/**
 * Reads a soft lock; `pin` null reads what needs none. Throws `token.pin-incorrect`, `input.unreadable` for what is no
 * PKCS #12 file, `token.unsupported` for one protected in a way that is not known.
 */
export function readSoftLock(file: Uint8Array, pin: string | null): SoftLock {
  const bags = readSafes(file, pin).flatMap(safe => readSafe(safe, pin))
  const keys = bags.flatMap(bag => readKey(bag, pin))
  return {
    label: bags.find(bag => bag.kind !== pfxOids.certBag)?.label ?? '',
    keys,
    certificates: bags.flatMap(readCertificate),
  }
}

/**
 * The safes of a soft lock, as their ContentInfos; the PIN, where one is given, is judged by the MAC. Throws as
 * {@link readSoftLock} does.
 */
export function readSafes(file: Uint8Array, pin: string | null): readonly Asn1[] {
  if (file.length > softLockLimit) throw unreadable('it is too long')
  const pfx = elements(readBer(file))
  if (smallInteger(pfx[0]) !== 3) throw unreadable('another version than 3')
  const content = contentOf(pfx[1], pfxOids.data)
  if (pin !== null) requirePin(pin, content, pfx[2])
  return elements(readBer(content))
}

/** The bags of one safe, in clear or under the PIN; null without a PIN where one is needed. */
export function openSafe(contentInfo: Asn1, pin: string | null): OpenSafe | null {
  const kind = oidOf(elements(contentInfo)[0])
  if (kind === pfxOids.data) {
    return { encrypted: false, bags: elements(readBer(contentOf(contentInfo, pfxOids.data))) }
  }
  if (kind !== pfxOids.encryptedData) throw unsupported('a part is encrypted to a certificate')
  if (pin === null) return null
  const encryptedContentInfo = elements(tagged(elements(contentInfo)[1])[0])[1]
  const [, algorithm, encrypted] = elements(encryptedContentInfo)
  if (!isTagged(encrypted)) throw unreadable('an encrypted part is empty')
  return { encrypted: true, bags: elements(decryptPart(algorithm, octets(encrypted), pin)) }
}

/** A safe and its SafeBags. */
export interface OpenSafe {
  readonly encrypted: boolean
  readonly bags: readonly Asn1[]
}

interface Bag {
  readonly kind: string
  readonly value: Asn1 | undefined
  readonly label: string
  readonly localKeyId: string | null
}

/** More rounds than this would let a file from a stranger stop the process. */
const iterationLimit = 2_000_000

const macDigests: Readonly<Record<string, MacDigest>> = {
  [pfxOids.sha1]: 'sha1',
  [pfxOids.sha256]: 'sha256',
  [pfxOids.sha384]: 'sha384',
  [pfxOids.sha512]: 'sha512',
}

/** The MAC alone tells a wrong PIN from a damaged or foreign file. */
function requirePin(pin: string, content: Uint8Array, macData: Asn1 | undefined): void {
  if (macData === undefined) throw unsupported('it has no MAC')
  const [digestInfo, salt, iterations] = elements(macData)
  const [algorithm, value] = elements(digestInfo)
  const digest = macDigests[oidOf(elements(algorithm)[0])]
  if (digest === undefined) throw unsupported('its MAC is of an unknown kind')
  const mac: Pkcs12Mac = {
    digest,
    salt: octets(salt),
    iterations: bounded(iterations === undefined ? 1 : smallInteger(iterations)),
    value: octets(value),
  }
  if (mac.salt.length === 0) throw unsupported('its MAC has no salt')
  if (!macHolds(pin, content, mac)) {
    throw new CryptoFailure('token.pin-incorrect', 'the PIN does not open the soft lock')
  }
}

/** Those of a safe under the PIN are empty without one. */
function readSafe(contentInfo: Asn1, pin: string | null): readonly Bag[] {
  return (openSafe(contentInfo, pin)?.bags ?? []).map(bag => {
    const [kind, value, attributes] = elements(bag)
    const known = new Map<string, Asn1 | undefined>()
    for (const attribute of attributes === undefined ? [] : elements(attributes)) {
      const [name, values] = elements(attribute)
      known.set(oidOf(name), elements(values)[0])
    }
    const localKeyId = known.get(pfxOids.localKeyId)
    return {
      kind: oidOf(kind),
      value: tagged(value)[0],
      label: textOf(known.get(pfxOids.friendlyName)).slice(0, 256),
      localKeyId: localKeyId === undefined ? null : Buffer.from(octets(localKeyId).subarray(0, 64)).toString('hex'),
    }
  })
}

function readKey({ kind, value, label, localKeyId }: Bag, pin: string | null): readonly SoftPrivateKey[] {
  if (pin === null) return []
  if (kind === pfxOids.keyBag) return importKey(value).map(privateKey => ({ localKeyId, label, privateKey }))
  if (kind !== pfxOids.shroudedKeyBag) return []
  const [algorithm, encrypted] = elements(value)
  return importKey(decryptPart(algorithm, octets(encrypted), pin)).map(privateKey => ({
    localKeyId,
    label,
    privateKey,
  }))
}

/** Other kinds of keys are passed over: a lock may hold more than a bid needs. */
function importKey(privateKeyInfo: Asn1 | undefined): readonly PrivateKey[] {
  if (privateKeyInfo === undefined || !isKnownKey(privateKeyInfo)) return []
  const der = writeDer(privateKeyInfo)
  try {
    return [readPrivateKey(der)]
  } catch (error) {
    throw unreadable('a private key is damaged', error)
  } finally {
    der.fill(0)
  }
}

/** RSA, or P-256, P-384 or SM2 by the curve's name. */
function isKnownKey(privateKeyInfo: Asn1): boolean {
  const [type, parameters] = elements(elements(privateKeyInfo)[1])
  const kind = oidOf(type)
  if (kind !== oids.ecPublicKey) return kind === oids.rsaEncryption
  return isOid(parameters) && knownCurves.includes(oidOf(parameters))
}

const knownCurves: readonly string[] = [oids.p256, oids.p384, oids.sm2]

function readCertificate({ kind, value, label, localKeyId }: Bag): readonly SoftCertificate[] {
  if (kind !== pfxOids.certBag) return []
  const [type, certificate] = elements(value)
  if (oidOf(type) !== pfxOids.x509Certificate) return []
  return [{ localKeyId, label, certificate: octets(tagged(certificate)[0]) }]
}

/** What stands under the PIN: PBES2, or the old PKCS #12 schemes. Throws `token.unsupported`, `input.unreadable`. */
export function decryptPart(algorithm: Asn1 | undefined, encrypted: Uint8Array, pin: string): Asn1 {
  if (algorithm === undefined) throw unreadable('an algorithm is missing')
  const pbes2 = readPbes2(algorithm)
  const opened = pbes2 === null ? decryptOld(algorithm, encrypted, pin) : decryptNew(pbes2, encrypted, pin)
  if (opened === null) throw unsupported('a part of it has another PIN')
  return opened
}

function decryptNew(scheme: Pbes2, encrypted: Uint8Array, pin: string): Asn1 | null {
  bounded(scheme.iterations)
  const plaintext = decryptPbes2(scheme, pin, encrypted)
  if (plaintext === null) return null
  try {
    return readBer(plaintext)
  } finally {
    plaintext.fill(0)
  }
}

/** RFC 7292, appendix C: triple DES and RC2, which old programs still write and Electron's library does not know. */
function decryptOld(algorithm: Asn1, encrypted: Uint8Array, pin: string): Asn1 | null {
  const [name, parameters] = elements(algorithm)
  if (!oidOf(name).startsWith(pfxOids.pkcs12Pbe)) throw unsupported('it is encrypted in a way that is not known')
  bounded(smallInteger(elements(parameters)[1]))
  try {
    // The shape of EncryptedPrivateKeyInfo, which holds whatever the algorithm has encrypted.
    return forge.pki.decryptPrivateKeyInfo(sequence(algorithm, octetString(encrypted)), pin)
  } catch (error) {
    throw unsupported('it is encrypted in a way that is not known', error)
  }
}

function bounded(iterations: number): number {
  if (iterations < 1 || iterations > iterationLimit) throw unsupported('its number of rounds is out of bounds')
  return iterations
}

function contentOf(contentInfo: Asn1 | undefined, kind: string): Uint8Array {
  const [type, content] = elements(contentInfo)
  if (oidOf(type) !== kind) throw unsupported('it is protected by a signature instead of a PIN')
  return octets(tagged(content)[0])
}

function unsupported(why: string, cause?: unknown): CryptoFailure {
  return new CryptoFailure('token.unsupported', `the soft lock cannot be used: ${why}`, cause)
}
