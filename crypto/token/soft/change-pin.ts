import { realpath } from 'node:fs/promises'
import { sameBytes } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import { publicKeyInfoOf, wipePrivateKey } from '../../sign/private-key.ts'
import type { PinChange } from '../port.ts'
import type { Asn1 } from './asn1.ts'
import {
  elements,
  explicit,
  implicitOctets,
  integer,
  octets,
  oid,
  oidOf,
  pfxOids,
  sequence,
  tagged,
  writeDer,
} from './asn1.ts'
import { writeLockFile } from './lock-file.ts'
import { encryptPbes2 } from './pbes2.ts'
import { decryptPart, openSafe, readSafes, readSoftLock } from './pkcs12-read.ts'
import { dataContent, encodePfx, pinRounds } from './pkcs12-write.ts'

/** Longest PIN of a soft lock, in characters: what the protocol between the processes carries. */
const longestPin = 256

/**
 * Puts a soft lock under another PIN: everything in it stays, what was encrypted is encrypted anew, and the file is replaced
 * in one step once the new one has been opened with the new PIN. Throws `token.pin-form` for a PIN that is empty, too long
 * or holds a zero, `token.pin-incorrect`, `output.unwritable`, and what {@link readSoftLock} throws.
 */
export async function changeSoftPin(path: string, file: Uint8Array, { oldPin, newPin }: PinChange): Promise<void> {
  if (newPin === '' || newPin.length > longestPin || newPin.includes('\0')) {
    throw new CryptoFailure('token.pin-form', `a soft lock's PIN has 1 to ${longestPin} characters and no zero`)
  }
  const changed = underNewPin(file, oldPin, newPin)
  requireSameKeys(file, oldPin, changed, newPin)
  // A link stays a link: replacing it would leave the lock under the old PIN behind.
  await writeLockFile(await realpath(path), changed, 'replace')
}

/** The same PFX under another PIN. Throws as {@link changeSoftPin} does. */
function underNewPin(file: Uint8Array, oldPin: string, newPin: string): Uint8Array {
  const safes = readSafes(file, oldPin).map(contentInfo => {
    const safe = openSafe(contentInfo, oldPin)
    const bags = (safe?.bags ?? []).map(bag => rewrapped(bag, oldPin, newPin))
    const plain = writeDer(sequence(...bags))
    try {
      return safe?.encrypted === true ? encryptedContent(plain, newPin) : dataContent(plain)
    } finally {
      plain.fill(0)
    }
  })
  return encodePfx(safes, newPin)
}

/** A bag as it was, a shrouded key under the new PIN. */
function rewrapped(bag: Asn1, oldPin: string, newPin: string): Asn1 {
  const [kind, value, ...attributes] = elements(bag)
  if (kind === undefined || oidOf(kind) !== pfxOids.shroudedKeyBag) return bag
  const [algorithm, encrypted] = elements(tagged(value)[0])
  const key = writeDer(decryptPart(algorithm, octets(encrypted), oldPin))
  try {
    return sequence(kind, explicit(encryptPbes2(key, newPin, pinRounds)), ...attributes)
  } finally {
    key.fill(0)
  }
}

/** EncryptedData (RFC 5652, 8), version 0. */
function encryptedContent(plain: Uint8Array, pin: string): Asn1 {
  const [algorithm, encrypted] = elements(encryptPbes2(plain, pin, pinRounds))
  if (algorithm === undefined) throw new CryptoFailure('internal', 'an encryption without its algorithm')
  const contentInfo = sequence(oid(pfxOids.data), algorithm, implicitOctets(octets(encrypted)))
  return sequence(oid(pfxOids.encryptedData), explicit(sequence(integer(0), contentInfo)))
}

/** Before anything is replaced: the new file opens, and holds the same keys and certificates. */
function requireSameKeys(before: Uint8Array, oldPin: string, after: Uint8Array, newPin: string): void {
  const [was, is] = [readSoftLock(before, oldPin), readSoftLock(after, newPin)]
  try {
    const same =
      sameList(was.keys, is.keys, key => publicKeyInfoOf(key.privateKey)) &&
      sameList(was.certificates, is.certificates, ({ certificate }) => certificate)
    if (!same) throw new CryptoFailure('internal', 'the soft lock under its new PIN is not what it was')
  } finally {
    for (const { privateKey } of [...was.keys, ...is.keys]) wipePrivateKey(privateKey)
  }
}

function sameList<T>(a: readonly T[], b: readonly T[], bytes: (item: T) => Uint8Array): boolean {
  return (
    a.length === b.length &&
    a.every((item, index) => {
      const other = b[index]
      return other !== undefined && sameBytes(bytes(item), bytes(other))
    })
  )
}
