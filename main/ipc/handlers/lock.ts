import { AppFailure } from '../../contract/failure.ts'
import type { Handlers } from '../../contract/requests.ts'
import type { LockModuleView } from '../../contract/views.ts'
import { listModules, moduleAt } from '../../services/index.ts'
import type { Picked } from '../../shell/dialogs.ts'
import type { IpcContext } from '../context.ts'
import { isPracticeLock, isSameModule, lockModules } from '../lock-modules.ts'
import { lockModuleView } from '../views/lock-view.ts'

/** Locks: what is plugged in, and drivers the user adds. */
export function lockHandlers(context: IpcContext): Pick<Handlers, 'lock.list' | 'lock.addModule' | 'lock.addSoftLock'> {
  const { desks, tokens, locks, dialogs, language } = context

  async function list(): Promise<readonly LockModuleView[]> {
    const modules = await listModules(tokens, lockModules(desks))
    return modules.map(module => lockModuleView(module, locks, uri => isPracticeLock(desks, uri)))
  }

  // SECURITY: A9, a module is a file the user picked in the system's dialog, never a path from the page.
  async function add(what: Picked): Promise<readonly LockModuleView[] | null> {
    const path = await dialogs.pick(what, language())
    if (path === null) return null
    if (what === 'soft-lock' && !/\.(p12|pfx)$/i.test(path)) {
      throw new AppFailure('arguments.bad', 'a soft lock is a .p12 or .pfx file')
    }
    const added = moduleAt(path)
    const { settings } = desks.own
    if (!lockModules(desks).some(module => isSameModule(module, added))) {
      await settings.save({ modules: [...settings.current.modules, added] })
      context.emit({ kind: 'locks-changed' })
    }
    return list()
  }

  return {
    'lock.list': list,
    'lock.addModule': () => add('module'),
    'lock.addSoftLock': () => add('soft-lock'),
  }
}
