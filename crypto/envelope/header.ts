import { decodeDocument, encodeDocument } from '../documents/encoding.ts'
import type { DocumentFields } from '../documents/kinds.ts'
import type { LockRecipient, RecoveryRecipient } from '../documents/kinds/seal.ts'
import { CryptoFailure, recode } from '../errors.ts'
import type { Suite } from '../suite.ts'
import { suiteById } from '../suites/index.ts'

/** `seal.json` without `type`. */
export type SealHeader = DocumentFields<'seal'>
/** How the header describes a part. */
export type SealPart = SealHeader['parts'][number]
/** How the header describes a recipient. */
export type SealRecipient = LockRecipient | RecoveryRecipient
/** `opening` or `body`. */
export type PartName = SealPart['name']
/** The tender as the header and the inner documents name it. */
export type TenderReference = SealHeader['tender']

/** Longest `seal.json`, in bytes. */
export const maxHeaderBytes = 2 ** 20

/**
 * Check 2: `seal.json` well formed, type, format and suite known. Rules between its fields are later checks. Throws
 * `seal.header`.
 */
export function parseHeader(bytes: Uint8Array): { readonly header: SealHeader; readonly suite: Suite } {
  const header = recode('seal.header', () => decodeDocument('seal', bytes))
  const suite = suiteById(header.suite)
  if (suite === null) throw new CryptoFailure('seal.header', `suite ${header.suite} is not known here`)
  if (header.remedy?.plainTwin !== undefined && header.remedy.kind !== 'plain-twin') {
    throw new CryptoFailure('seal.header', 'a plain twin under another remedy')
  }
  return { header, suite }
}

/** The bytes of `seal.json`. Throws `seal.header` when they are more than 1 MiB. */
export function encodeHeader(header: SealHeader): Uint8Array {
  const bytes = encodeDocument('seal', header)
  if (bytes.length > maxHeaderBytes) throw new CryptoFailure('seal.header', 'seal.json would be longer than 1 MiB')
  return bytes
}

/** The identity of a sealed bid everywhere: H of the bytes of `seal.json`, 32 bytes. */
export function sealDigest(headerBytes: Uint8Array, suite: Suite): Uint8Array {
  return suite.digest(headerBytes)
}

/** The first 8 Crockford base-32 characters of a sealDigest, for people to compare. */
export function shortCode(digest: Uint8Array): string {
  const bits = Buffer.from(digest.subarray(0, 5)).readUIntBE(0, 5)
  return Array.from({ length: 8 }, (_, place) => crockford[Math.floor(bits / 32 ** (7 - place)) % 32]).join('')
}

/** Crockford's base-32 alphabet. */
export const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
