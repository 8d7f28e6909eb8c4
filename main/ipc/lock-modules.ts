import { modulesToSearch } from '../services/index.ts'
import type { ModuleReference } from '../services/index.ts'
import type { Desks } from './desks.ts'

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

/** Whether two references mean one module. */
export function isSameModule(a: ModuleReference, b: ModuleReference): boolean {
  return a.kind === b.kind && a.path === b.path
}
