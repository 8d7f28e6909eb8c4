import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CryptoFailure } from '../../errors.ts'
import type { KeyUse } from '../port.ts'
import type { Asn1 } from './asn1.ts'
import { asn1Null, bmpString, explicit, integer, octetString, oid, pfxOids, sequence, set, writeDer } from './asn1.ts'
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
  const content = writeDer(sequence(...safes.map(bags => dataContent(writeDer(sequence(...bags))))))
  return writeDer(sequence(integer(3), dataContent(content), macData(pin, content)))
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
  const bytes = encodeSoftLock(lock)
  const draft = `${path}.part`
  try {
    if (mode === 'create') {
      await writeFlushed(path, bytes, 'wx')
    } else {
      await writeFlushed(draft, bytes, 'w')
      await rename(draft, path)
    }
    await flushFolder(dirname(path))
  } catch (error) {
    if (mode === 'replace') await rm(draft, { force: true }).catch(() => undefined)
    if (hasCode(error, 'EEXIST'))
      throw new CryptoFailure('token.not-blank', 'a soft lock of that name is there already')
    throw new CryptoFailure('output.unwritable', 'the soft lock cannot be written', error)
  }
}

/** About 40 ms for each key and for the MAC. */
const iterations = 50_000

const saltLength = 16

function keyBag({ use, privateKey }: SoftKeyPair, pin: string, label: string): Asn1 {
  const encrypted = encryptPbes2(privateKey, pin, iterations)
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

function dataContent(bytes: Uint8Array): Asn1 {
  return sequence(oid(pfxOids.data), explicit(octetString(bytes)))
}

function macData(pin: string, content: Uint8Array): Asn1 {
  const salt = new Uint8Array(randomBytes(saltLength))
  const value = computeMac(pin, content, { digest: 'sha256', salt, iterations })
  const digestInfo = sequence(sequence(oid(pfxOids.sha256), asn1Null()), octetString(value))
  return sequence(digestInfo, octetString(salt), integer(iterations))
}

async function writeFlushed(path: string, bytes: Uint8Array, flags: 'w' | 'wx'): Promise<void> {
  let handle: FileHandle | null = null
  try {
    handle = await open(path, flags, 0o600)
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle?.close()
  }
}

async function flushFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; there the rename is durable by itself.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
