import { payloadLimit } from './dsse.ts'
import { check, array, object, oneOf, optional, type Shape, ShapeMismatch, string, time } from '../../json/shape.ts'
import { parseStrictJson } from '../../json/strict-json.ts'
import { isJsonObject, type JsonValue } from '../../json/value.ts'
import {
  creditCodePlaces,
  dataPlatform,
  type DataPlatform,
  dataVersion,
  distinct,
  entryId,
  type Evidence,
  evidence,
  notes,
  number32,
  requireDistinctIds,
  sentence,
  words,
  type Words,
} from './data-shapes.ts'
import { pkcs11ProfileShape, skfProfileShape } from './driver-profile-shape.ts'
import type { Pkcs11Profile, SkfProfile } from './driver-profile.ts'
import { asOneLine } from './readable-json.ts'

/**
 * Numbers a document gives for SM2 through a library of PKCS#11 that do not say enough to use it: output or ciphertext
 * layout are unknown, or two numbers circulate. For whoever has the key and completes them; no driver reads them.
 */
export interface DocumentedSm2 {
  readonly keyType?: readonly number[]
  readonly generate?: readonly number[]
  /** Mechanisms that take the message. */
  readonly signMessage?: readonly number[]
  /** Mechanisms that take e, the 32 bytes. */
  readonly signDigest?: readonly number[]
  readonly decrypt?: readonly number[]
  readonly unwrap?: readonly number[]
  readonly output?: 'raw' | 'der'
}

interface LibraryFile {
  /** File names it is shipped under, compared without regard to case; none where nobody has told one. */
  readonly names: readonly string[]
  /** Digests of known files, lower-case hex; a file with one of them is this library whatever its name is. */
  readonly sha256?: readonly string[]
  /** Systems on which the names count; all when it is not told. */
  readonly platforms?: readonly DataPlatform[]
  /** Which of several, in the vendor's or the reporter's words. */
  readonly version?: string
  readonly note?: Words
}

/** One library of a vendor, and what its driver must be told. */
export type VendorLibrary =
  | (LibraryFile & {
      readonly kind: 'pkcs11'
      readonly pkcs11?: Pkcs11Profile
      readonly documentedSm2?: DocumentedSm2
    })
  | (LibraryFile & { readonly kind: 'skf'; readonly skf?: SkfProfile })

/** What is known of one vendor's keys (tokens.md 1.8, 2.2, 2.4): data, so that it can be corrected without a release. */
export interface VendorProfile {
  readonly id: string
  readonly vendor: Words
  /** The authority of the trust list whose keys these are, where the library is one authority's own. */
  readonly ca?: string
  readonly libraries: readonly VendorLibrary[]
  /** Where its libraries may stand on a computer: absolute folders or files that only an administrator can write to. */
  readonly paths?: Readonly<Partial<Record<DataPlatform, readonly string[]>>>
  /** Places of the credit code in certificates on these keys, the one that counts first. */
  readonly creditCodeOids?: readonly string[]
  /** How a locked PIN is unlocked. */
  readonly unlock: Words
  /** What to tell somebody whose key may still bear the PIN it left the factory with. */
  readonly factoryPin?: Words
  readonly evidence: Evidence
  readonly notes?: readonly Words[]
}

/** Everything known of vendors, as the publisher signs it. */
export interface VendorProfiles {
  readonly version: number
  readonly issuedAt: string
  readonly profiles: readonly VendorProfile[]
}

/** Longest text of one profile of the user's own, in bytes. */
export const profileLimit = 256 * 1024

/** Reads what the publisher has signed. Throws `data.malformed`. */
export function parseVendorProfiles(bytes: Uint8Array): VendorProfiles {
  const value = parseStrictJson(bytes, { maxBytes: payloadLimit, code: 'data.malformed' })
  return check(vendorProfilesShape, value, 'data.malformed')
}

/** Reads one profile of the user's own, written for people: line ends are allowed. Throws `data.malformed`. */
export function parseVendorProfile(bytes: Uint8Array): VendorProfile {
  const value = parseStrictJson(asOneLine(bytes), { maxBytes: profileLimit, code: 'data.malformed' })
  return check(vendorProfileShape, value, 'data.malformed')
}

const fileName = string({ max: 128, min: 1, pattern: /^[^/\\:*?"<>|\u0000-\u001f\u007f]+$/ })

/** SECURITY: A9, absolute and without a step upwards; what it names is loaded. */
function absolutePath(pattern: RegExp): Shape<string> {
  const text = string({ max: 512, pattern })
  return {
    read(value, at) {
      const path = text.read(value, at)
      if (path.split(/[/\\]/).includes('..')) throw new ShapeMismatch(`${at} leads upwards`)
      return path
    },
  }
}

const paths = (pattern: RegExp): Shape<readonly string[]> => distinct(array(absolutePath(pattern), { min: 1, max: 32 }))
const windowsPaths = paths(/^[A-Za-z]:\\[^\u0000-\u001f"<>|*?]*$/)
const unixPaths = paths(/^\/[^\u0000-\u001f]*$/)

const numbers = array(number32, { min: 1, max: 8 })

const documentedSm2Shape: Shape<DocumentedSm2> = object(
  {
    keyType: optional(numbers),
    generate: optional(numbers),
    signMessage: optional(numbers),
    signDigest: optional(numbers),
    decrypt: optional(numbers),
    unwrap: optional(numbers),
    output: optional(oneOf(['raw', 'der'])),
  },
  { unknown: 'refuse' },
)

const libraryFile = {
  names: distinct(array(fileName, { max: 32 })),
  sha256: optional(distinct(array(string({ max: 64, min: 64, pattern: /^[0-9a-f]*$/ }), { min: 1, max: 256 }))),
  platforms: optional(array(dataPlatform, { min: 1, max: 3 })),
  version: optional(sentence(64)),
  note: optional(words),
}

const pkcs11Library = object(
  {
    kind: oneOf(['pkcs11']),
    ...libraryFile,
    pkcs11: optional(pkcs11ProfileShape),
    documentedSm2: optional(documentedSm2Shape),
  },
  { unknown: 'refuse' },
)

const skfLibrary = object(
  { kind: oneOf(['skf']), ...libraryFile, skf: optional(skfProfileShape) },
  { unknown: 'refuse' },
)

const libraryShape: Shape<VendorLibrary> = {
  read(value: JsonValue, at: string): VendorLibrary {
    const kind = isJsonObject(value) ? value['kind'] : undefined
    const library = kind === 'skf' ? skfLibrary.read(value, at) : pkcs11Library.read(value, at)
    const names = library.names.map(name => name.toLowerCase())
    if (new Set(names).size !== names.length) throw new ShapeMismatch(`${at}.names differ in case only`)
    return library
  },
}

const vendorProfileShape: Shape<VendorProfile> = object(
  {
    id: entryId,
    vendor: words,
    ca: optional(entryId),
    libraries: array(libraryShape, { min: 1, max: 64 }),
    paths: optional(
      object(
        { win32: optional(windowsPaths), darwin: optional(unixPaths), linux: optional(unixPaths) },
        { unknown: 'refuse' },
      ),
    ),
    creditCodeOids: optional(creditCodePlaces),
    unlock: words,
    factoryPin: optional(words),
    evidence,
    notes,
  },
  { unknown: 'refuse' },
)

const listShape: Shape<VendorProfiles> = object(
  { version: dataVersion, issuedAt: time, profiles: array(vendorProfileShape, { min: 1, max: 256 }) },
  { unknown: 'refuse' },
)

const vendorProfilesShape: Shape<VendorProfiles> = {
  read(value, at) {
    const list = listShape.read(value, at)
    requireDistinctIds(list.profiles, `${at}.profiles`)
    const digests = list.profiles.flatMap(({ libraries }) => libraries.flatMap(({ sha256 = [] }) => sha256))
    if (new Set(digests).size !== digests.length) throw new ShapeMismatch(`${at} gives one file to two libraries`)
    return list
  },
}
