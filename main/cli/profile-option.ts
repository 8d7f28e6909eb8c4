import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import { readOwnProfile, vendorDataAt } from '../services/index.ts'
import type { OwnProfile } from '../services/index.ts'
import type { Home } from '../store/index.ts'

/** What commands understand that can try a profile on a library. */
export interface ProfileOptions {
  readonly profile?: string
  readonly module?: string | readonly string[]
}

/** Adds `--profile`; the shell reads it and hands it to the drivers of the named modules. */
export function profileOption(command: Command): Command {
  return command.option(
    '--profile <file>',
    "use the library of --module with this profile: a JSON file of your own, or a vendor's id that data show lists",
  )
}

/** The profile of the command line and the module it is meant for. */
export function ownProfile({ profile, module }: ProfileOptions): OwnProfile | undefined {
  return profile === undefined ? undefined : { name: profile, modules: modulesOf(module) }
}

function modulesOf(module: ProfileOptions['module']): readonly string[] {
  return typeof module === 'string' ? [module] : (module ?? [])
}

/**
 * Looks at `--profile` before anything is begun. Throws `arguments.bad` without `--module` (a profile for one library must
 * never meet another), `input.unreadable`.
 */
export async function requireUsableProfile({ profile, module }: ProfileOptions, home: Home): Promise<void> {
  if (profile === undefined) return
  if (modulesOf(module).length !== 1) {
    throw new AppFailure('arguments.bad', '--profile needs one --module: it is meant for one library')
  }
  await readOwnProfile(profile, vendorDataAt(home).profiles())
}
