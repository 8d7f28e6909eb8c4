import { createStore } from 'zustand/vanilla'
import type { JobId, LockId, SealId } from '../../main/contract/ids.ts'
import type { OpeningView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, notAsking } from './attempt.ts'
import { jobs } from './jobs.ts'
import type { ServerClock } from './server-clock.ts'
import { serverClock } from './server-clock.ts'

export interface OpeningState extends Asking {
  /** The sealed bid whose opening this is. */
  readonly seal: SealId | null
  readonly view: OpeningView | null
  /** How the server's clock runs against the page's; null until the server has answered. */
  readonly clock: ServerClock | null
  /** Asks the server once. What it said of another bid is forgotten. */
  readonly ask: (seal: SealId) => Promise<void>
  readonly release: (seal: SealId, lock: LockId) => Promise<JobId | null>
}

/** The opening of a delivered bid, by the server's clock. */
export const opening = createStore<OpeningState>()((set, get) => ({
  ...notAsking,
  seal: null,
  view: null,
  clock: null,
  ask: async seal => {
    if (get().seal !== seal) set({ seal, view: null, clock: null, failure: null })
    if (get().busy) return
    const asked = performance.now()
    const view = await attempt(set, () => call('opening.state', seal))
    if (view === null || get().seal !== seal) return
    set({ view, clock: serverClock(get().clock, { serverTime: view.serverTime, asked, answered: performance.now() }) })
  },
  release: async (seal, lock) => {
    const job = await attempt(set, () => call('opening.release', seal, lock))
    if (job !== null) jobs.getState().started(job, seal)
    return job
  },
}))
