import type { DataPlatform } from './data-shapes.ts'
import type { VendorLibrary, VendorProfile } from './vendor-profile.ts'

/** A library as it stands on a computer. */
export interface LibraryOnDisk {
  /** Its file name, without the folder. */
  readonly name: string
  /** Of its contents, lower-case hex; null where it could not be read. */
  readonly sha256: string | null
  readonly platform: NodeJS.Platform
  /** What it is to be used as. */
  readonly kind: VendorLibrary['kind']
}

/** What the profiles know of a library. */
export interface MatchedLibrary {
  readonly profile: VendorProfile
  readonly library: VendorLibrary
  /** `sha256`: exactly this file is known. `name`: a file of this name is. */
  readonly by: 'sha256' | 'name'
}

/**
 * The profile a library is used with, null where there is none. A known digest beats every name. By name alone, entries made
 * for files of certain digests stand back behind one that is not; where several are left nobody may choose between them: a
 * wrong profile makes a driver call functions that are not there as it thinks.
 */
export function profileForLibrary(profiles: readonly VendorProfile[], file: LibraryOnDisk): MatchedLibrary | null {
  const all = profiles.flatMap(profile =>
    profile.libraries.filter(({ kind }) => kind === file.kind).map(library => ({ profile, library })),
  )
  const { sha256 } = file
  const exact = sha256 === null ? undefined : all.find(({ library }) => library.sha256?.includes(sha256) === true)
  if (exact !== undefined) return { ...exact, by: 'sha256' }
  const named = all.filter(({ library }) => bearsName(library, file))
  const general = named.filter(({ library }) => library.sha256 === undefined)
  const [only, ...others] = general.length > 0 ? general : named
  return only === undefined || others.length > 0 ? null : { ...only, by: 'name' }
}

/** Whether a file's name is one of a library's on this system. */
export function bearsName(
  library: VendorLibrary,
  { name, platform }: Pick<LibraryOnDisk, 'name' | 'platform'>,
): boolean {
  const wanted = name.toLowerCase()
  return isFor(library, platform) && library.names.some(each => each.toLowerCase() === wanted)
}

/** Whether a library's names count on a system. */
export function isFor({ platforms }: VendorLibrary, platform: NodeJS.Platform): boolean {
  return platforms === undefined || platforms.includes(platform as DataPlatform)
}
