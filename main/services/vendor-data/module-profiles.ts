import { resolve } from 'node:path'
import type { DriverProfile, TokenModule } from '../../../crypto/index.ts'
import type { ModuleReference } from '../ports.ts'
import { readOwnProfile, toldBy, toldByOwn } from './own-profile.ts'
import type { ToldDriver } from './own-profile.ts'
import type { LibraryAt, VendorData } from './vendor-data.ts'

/** Adds to a module what its driver must be told; asked when its process is started. */
export type ModuleProfiles = (module: ModuleReference) => Promise<TokenModule>

/** A profile of the user's own (a file, or a vendor's id), and the paths of the modules that are meant. */
export interface OwnProfile {
  readonly name: string
  readonly modules: readonly string[]
}

/**
 * Modules get what the data know of their library, or what `own` says (`--profile`) of those it is meant for. Throws, when asked, `input.unreadable`, `arguments.bad` for a profile that is of no use.
 */
export function moduleProfiles(data: VendorData, own?: OwnProfile): ModuleProfiles {
  let reading: Promise<DriverProfile> | null = null
  return async ({ kind, path }) => {
    if (kind === 'soft') return { kind, path }
    if (own?.modules.some(each => resolve(each) === path) === true) {
      reading ??= readOwnProfile(own.name, data.profiles())
      return told(path, await toldByOwn(await reading, { kind, path }))
    }
    const matched = await data.profileOf({ kind, path })
    return matched === null ? { kind, path } : told(path, toldBy(matched.library))
  }
}

function told(path: LibraryAt['path'], driver: ToldDriver): TokenModule {
  return driver.kind === 'pkcs11'
    ? { kind: 'pkcs11', path, profile: driver.profile }
    : { kind: 'skf', path, profile: driver.profile }
}
