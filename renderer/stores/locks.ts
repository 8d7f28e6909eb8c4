import { createStore } from 'zustand/vanilla'
import type { LockId } from '../../main/contract/ids.ts'
import type { LockModuleView, LockView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, notAsking } from './attempt.ts'

export interface LocksState extends Asking {
  /** Null until they have been listed for the first time. */
  readonly modules: readonly LockModuleView[] | null
  readonly load: () => Promise<void>
  readonly addModule: () => Promise<void>
  readonly addSoftLock: () => Promise<void>
}

/** The vendor libraries and the locks they see. */
export const locks = createStore<LocksState>()(set => {
  async function take(ask: () => Promise<readonly LockModuleView[] | null>): Promise<void> {
    const modules = await attempt(set, ask)
    if (modules !== null) set({ modules })
  }
  return {
    ...notAsking,
    modules: null,
    load: () => take(() => call('lock.list')),
    addModule: () => take(() => call('lock.addModule')),
    addSoftLock: () => take(() => call('lock.addSoftLock')),
  }
})

/** All locks of all modules. */
export function allLocks(modules: readonly LockModuleView[] | null): readonly LockView[] {
  return (modules ?? []).flatMap(module => module.locks)
}

/** The locks that hold a certificate for a use. */
export function locksFor(modules: readonly LockModuleView[] | null, use: 'sign' | 'decrypt'): readonly LockView[] {
  return allLocks(modules).filter(({ certificates }) => certificates.some(({ uses }) => uses.includes(use)))
}

/** The lock of that name, if it is still there. */
export function lockOf(modules: readonly LockModuleView[] | null, lock: LockId | null): LockView | null {
  return allLocks(modules).find(each => each.lock === lock) ?? null
}
