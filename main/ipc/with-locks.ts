import type { LockId } from '../contract/ids.ts'
import type { PinQuestion } from '../contract/pin.ts'
import { keptIssuers, openLocks } from '../services/index.ts'
import type { Locks, Ports } from '../services/index.ts'
import type { IpcContext } from './context.ts'
import type { Desk } from './desks.ts'
import type { RunningJob } from './jobs.ts'
import { lockModules, requireLockOf } from './lock-modules.ts'
import { askingLocks } from './pin-tries.ts'

/** What a job works with: the desk's ports with the job's own token calls, and the ring of its locks. */
export interface LockedWork {
  readonly ports: Ports
  readonly locks: Locks
}

/** Runs work of a job with locks that ask for PINs in the window; logs out of all of them at the end. */
export async function withLocks<T>(
  context: IpcContext,
  desk: Desk,
  job: RunningJob,
  asked: { readonly purpose: PinQuestion['purpose']; readonly locks: readonly LockId[] },
  work: (parts: LockedWork) => Promise<T>,
): Promise<T> {
  const { signal } = job.control
  const { hosts, askPin } = askingLocks(context.tokens.within(signal), context.pins, asked.purpose, signal)
  const order = asked.locks.map(lock => context.locks.uriOf(lock))
  for (const uri of order) requireLockOf(desk, context.desks, uri)
  const issuers = (): Promise<readonly Uint8Array[]> => keptIssuers(desk.ports)
  const locks = openLocks({ hosts, modules: lockModules(context.desks), order, askPin, issuers })
  try {
    return await work({ ports: { ...desk.ports, tokens: hosts }, locks })
  } finally {
    await locks.close()
  }
}
