import { parseTokenUri } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { modulesToSearch } from '../services/index.ts'
import type { ModuleReference } from '../services/index.ts'
import type { Desk, Desks } from './desks.ts'

/** Every driver and soft lock the window looks into: the known ones, those the user added, the rehearsal's. */
export function lockModules(desks: Desks): readonly ModuleReference[] {
  const { own } = desks
  const all = [
    ...modulesToSearch([], own.ports.home),
    ...own.settings.current.modules,
    ...desks.all().flatMap(({ modules }) => modules),
  ]
  return all.filter(module => all.find(each => isSameModule(each, module)) === module)
}

/**
 * Refuses the lock of a rehearsal for anything real, and a real one for a rehearsal. Throws `token.wrong-lock`.
 */
export function requireLockOf(desk: Desk, desks: Desks, uri: string): void {
  if (isPracticeLock(desks, uri) !== desk.practice)
    throw new AppFailure('token.wrong-lock', 'practice and real locks are kept apart')
}

/** Whether a lock is that of a rehearsal. */
export function isPracticeLock(desks: Desks, uri: string): boolean {
  return desks.all().some(each => each.practice && each.modules.some(module => holds(module, uri)))
}

function holds({ kind, path }: ModuleReference, uri: string): boolean {
  const token = parseTokenUri(uri)
  if (token.kind !== 'soft') return kind === token.kind && token.modulePath === path
  const [folder, file] = [path, token.path].map(each => each.replaceAll('\\', '/'))
  return kind === 'soft' && (file === folder || file?.startsWith(`${folder}/`) === true)
}

/** Whether two references mean one module. */
export function isSameModule(a: ModuleReference, b: ModuleReference): boolean {
  return a.kind === b.kind && a.path === b.path
}
