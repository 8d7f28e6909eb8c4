import { existsSync, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { parseTokenUri } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Home } from '../../store/index.ts'
import type { ModuleReference } from '../ports.ts'
import { vendorDataAt } from '../vendor-data/vendor-data.ts'
import { libraryKind } from './library-kind.ts'

/**
 * A path named by the user as a module: `.p12`, `.pfx` and folders are soft locks, everything else is a library, of SKF or
 * PKCS#11 as it looks.
 */
export function moduleAt(path: string): ModuleReference {
  const absolute = resolve(path)
  const soft = ['.p12', '.pfx'].includes(extname(absolute).toLowerCase()) || isFolder(absolute)
  if (soft && !existsSync(absolute)) throw new AppFailure('token.absent', 'there is no soft lock under this name')
  return { kind: soft ? 'soft' : libraryKind(absolute), path: absolute }
}

/**
 * The modules to look at: those named, else the vendors' libraries that are on this computer where their profiles look for them
 * (absolute paths that only an administrator can write to), and the soft locks of the home.
 */
export function modulesToSearch(named: readonly string[], home: Home): readonly ModuleReference[] {
  if (named.length > 0) return named.map(moduleAt)
  const locks = join(home.root, 'locks')
  return [
    ...vendorDataAt(home)
      .libraries()
      .map(({ kind, path }) => ({ kind, path })),
    ...(isFolder(locks) ? [{ kind: 'soft', path: locks } as const] : []),
  ]
}

/** The modules a token's URI can mean: its own, where it names one. Throws `arguments.bad`. */
export function modulesOfUri(uri: string, searched: readonly ModuleReference[]): readonly ModuleReference[] {
  const parsed = parseTokenUri(uri)
  if (parsed.kind === 'soft') return [{ kind: 'soft', path: parsed.path }]
  if (parsed.modulePath !== undefined) return [{ kind: parsed.kind, path: parsed.modulePath }]
  return searched.filter(module => module.kind === parsed.kind)
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
