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

/** What a lock is wanted for, and whether it is for a rehearsal: practice and real locks are kept apart. */
export interface LockWanted {
  readonly use: 'sign' | 'decrypt'
  readonly practice: boolean
}

/** The locks that hold a certificate for a use and belong to the kind of bid. */
export function locksFor(modules: readonly LockModuleView[] | null, wanted: LockWanted): readonly LockView[] {
  return holding(modules, wanted.use).filter(({ practice }) => practice === wanted.practice)
}

/** Whether locks are there that hold such a certificate, but all of them belong to the other kind of bid. */
export function onlyOthers(modules: readonly LockModuleView[] | null, wanted: LockWanted): boolean {
  return holding(modules, wanted.use).length > 0 && locksFor(modules, wanted).length === 0
}

/** The lock of that name, if it is still there. */
export function lockOf(modules: readonly LockModuleView[] | null, lock: LockId | null): LockView | null {
  return allLocks(modules).find(each => each.lock === lock) ?? null
}

function holding(modules: readonly LockModuleView[] | null, use: 'sign' | 'decrypt'): readonly LockView[] {
  return allLocks(modules).filter(({ certificates }) => certificates.some(({ uses }) => uses.includes(use)))
}
