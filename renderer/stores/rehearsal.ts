import { createStore } from 'zustand/vanilla'
import type { RehearsalSuite } from '../../main/contract/guards.ts'
import type { RehearsalView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, notAsking } from './attempt.ts'
import { jobs } from './jobs.ts'
import { opening } from './opening.ts'
import { tenders } from './tenders.ts'

export interface RehearsalState extends Asking {
  readonly view: RehearsalView | null
  readonly load: () => Promise<void>
  readonly start: (suite: RehearsalSuite) => Promise<void>
  readonly skipToOpening: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** The rehearsal: a practice platform of this machine. */
export const rehearsal = createStore<RehearsalState>()(set => {
  async function take(ask: () => Promise<RehearsalView>): Promise<void> {
    const view = await attempt(set, ask)
    if (view !== null) set({ view })
  }
  return {
    ...notAsking,
    view: null,
    load: () => take(() => call('rehearsal.state')),
    start: async suite => {
      const job = await attempt(set, () => call('rehearsal.start', suite))
      if (job !== null) jobs.getState().started(job, null)
    },
    skipToOpening: async () => {
      await take(() => call('rehearsal.skipToOpening'))
      // The practice platform's clock has moved.
      const { seal, ask } = opening.getState()
      if (seal !== null) await ask(seal)
    },
    stop: async () => {
      await take(() => call('rehearsal.stop'))
      // Its tender has gone.
      await tenders.getState().load()
    },
  }
})
