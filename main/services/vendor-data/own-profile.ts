import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { bearsName, CryptoFailure, parseDriverProfile, profileLimit } from '../../../crypto/index.ts'
import type { DriverProfile, Pkcs11Profile, SkfProfile, VendorLibrary, VendorProfile } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { libraryDigest } from './library-digest.ts'
import type { LibraryAt } from './vendor-data.ts'

/**
 * The profile a user has named to try a library with: a JSON file of a vendor's or a driver's profile, or the id of one of
 * `known`. Throws `input.unreadable`.
 */
export async function readOwnProfile(name: string, known: readonly VendorProfile[]): Promise<DriverProfile> {
  const vendor = known.find(({ id }) => id === name)
  try {
    if ((await stat(name)).size > profileLimit) throw new AppFailure('input.unreadable', 'the profile is too long')
    return parseDriverProfile(await readFile(name))
  } catch (error) {
    // What is said of `data.*` is meant for signed updates.
    if (error instanceof CryptoFailure) {
      throw new AppFailure('input.unreadable', `the profile cannot be used: ${error.detail}`, { cause: error })
    }
    if (!isSystemError(error)) throw error
    if (vendor !== undefined) return { kind: 'vendor', vendor }
    throw new AppFailure('input.unreadable', 'the profile cannot be read, and no vendor has this id', { cause: error })
  }
}

/** What a driver is told about a library, as one of the two kinds. */
export type ToldDriver =
  { readonly kind: 'pkcs11'; readonly profile: Pkcs11Profile } | { readonly kind: 'skf'; readonly profile: SkfProfile }

/**
 * What the user's profile says of a library he has named: of a vendor's profile the entry with its digest or name, else the
 * only one of its kind. Throws `arguments.bad` for a profile that says nothing of it: trying another one would show nothing.
 */
export async function toldByOwn(own: DriverProfile, module: LibraryAt): Promise<ToldDriver> {
  if (own.kind !== 'vendor') {
    if (own.kind === module.kind) return own
    throw new AppFailure('arguments.bad', `a profile for ${own.kind} was given for a library of ${module.kind}`)
  }
  const entries = own.vendor.libraries.filter(({ kind }) => kind === module.kind)
  const sha256 = await libraryDigest(module.path)
  const file = { name: basename(module.path), platform: process.platform }
  const [only, ...others] = entries
  const entry =
    entries.find(each => sha256 !== null && each.sha256?.includes(sha256) === true) ??
    entries.find(each => bearsName(each, file)) ??
    (others.length === 0 ? only : undefined)
  if (entry !== undefined) return toldBy(entry)
  throw new AppFailure(
    'arguments.bad',
    `the profile has ${entries.length} libraries of ${module.kind}, none of this name`,
  )
}

/** What an entry tells its driver. */
export function toldBy(library: VendorLibrary): ToldDriver {
  return library.kind === 'pkcs11'
    ? { kind: 'pkcs11', profile: library.pkcs11 ?? {} }
    : { kind: 'skf', profile: library.skf ?? {} }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
