import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import { readOwnProfile, vendorDataAt } from '../services/index.ts'
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

/**
 * Looks at `--profile` before anything is begun. Throws `arguments.bad` without `--module` (a profile for one library must
 * never meet another), `input.unreadable`.
 */
export async function requireUsableProfile({ profile, module }: ProfileOptions, home: Home): Promise<void> {
  if (profile === undefined) return
  if (module === undefined || module.length === 0) {
    throw new AppFailure('arguments.bad', '--profile needs --module: it is meant for one library')
  }
  await readOwnProfile(profile, vendorDataAt(home).profiles())
}
