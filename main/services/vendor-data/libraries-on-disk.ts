import { existsSync, realpathSync } from 'node:fs'
import { posix, win32 } from 'node:path'
import { bearsName, isFor } from '../../../crypto/index.ts'
import type { VendorLibrary, VendorProfile } from '../../../crypto/index.ts'

/** A vendor's library on this computer. */
export interface FoundLibrary {
  readonly kind: VendorLibrary['kind']
  readonly path: string
  readonly profile: VendorProfile
}

/** What is looked at; the computer's own when it is not told. */
export interface DiskView {
  readonly platform: NodeJS.Platform
  exists(path: string): boolean
  /** What tells two names of one file. */
  identity(path: string): string
}

const thisComputer: DiskView = {
  platform: process.platform,
  exists: existsSync,
  identity(path) {
    try {
      return realpathSync(path)
    } catch {
      return path
    }
  },
}

/**
 * The libraries of these profiles that are there, in the profiles' order; nothing is loaded. Of a name that stands in several
 * places the first counts: on Windows the one that fits the program stands before the one for 32 bits.
 */
export function librariesOnDisk(
  profiles: readonly VendorProfile[],
  disk: DiskView = thisComputer,
): readonly FoundLibrary[] {
  const seen = new Set<string>()
  const found: FoundLibrary[] = []
  for (const profile of profiles) {
    for (const library of profile.libraries.filter(each => isFor(each, disk.platform))) {
      for (const name of library.names) {
        const path = candidates(profile, name, disk.platform).find(each => disk.exists(each))
        if (path === undefined) continue
        const identity = `${library.kind} ${disk.identity(path)}`
        if (!seen.has(identity)) found.push({ kind: library.kind, path, profile })
        seen.add(identity)
      }
    }
  }
  return found
}

/** A profile's paths are folders its libraries may stand in, or files of theirs. */
function candidates(profile: VendorProfile, name: string, platform: NodeJS.Platform): readonly string[] {
  if (platform !== 'win32' && platform !== 'darwin' && platform !== 'linux') return []
  const paths = platform === 'win32' ? win32 : posix
  return (profile.paths?.[platform] ?? []).flatMap(path => {
    const last = paths.basename(path)
    const isFile = profile.libraries.some(library => bearsName(library, { name: last, platform }))
    if (!isFile) return [paths.join(path, name)]
    return last.toLowerCase() === name.toLowerCase() ? [path] : []
  })
}
