import { createStore } from 'zustand/vanilla'
import type { Failure } from '../../main/contract/failure.ts'
import type { JobId, LockId, SealId, TenderId } from '../../main/contract/ids.ts'
import type { SealedBidView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, failureOf, notAsking } from './attempt.ts'
import { jobs } from './jobs.ts'

export interface SealedState extends Asking {
  /** Null until main has told: not the same as none. */
  readonly sealed: readonly SealedBidView[] | null
  /** Why the list could not be read the last time; what it held before stays. */
  readonly unread: Failure | null
  /** How many sealed bids the list leaves out because their records are damaged. */
  readonly damaged: number
  /** The sealed bid the user chose among several of one tender. */
  readonly chosen: SealId | null
  readonly load: () => Promise<void>
  readonly choose: (seal: SealId) => void
  readonly submit: (seal: SealId, lock: LockId) => Promise<JobId | null>
  readonly withdraw: (seal: SealId, lock: LockId) => Promise<JobId | null>
}

/** The sealed bids, and what became of them. */
export const sealed = createStore<SealedState>()(set => {
  async function start(seal: SealId, ask: () => Promise<JobId>): Promise<JobId | null> {
    const job = await attempt(set, ask)
    if (job !== null) jobs.getState().started(job, seal)
    return job
  }
  return {
    ...notAsking,
    sealed: null,
    unread: null,
    damaged: 0,
    chosen: null,
    load: async () => {
      // Apart from what the user asks for: the list is also read while a submission or its failure is shown.
      try {
        const [listed, damaged] = await Promise.all([call('sealed.list'), call('sealed.damaged')])
        set({ sealed: listed, damaged, unread: null })
      } catch (error) {
        set({ unread: failureOf(error) })
      }
    },
    choose: chosen => {
      set({ chosen, failure: null })
    },
    submit: (seal, lock) => start(seal, () => call('sealed.submit', seal, lock)),
    withdraw: (seal, lock) => start(seal, () => call('sealed.withdraw', seal, lock)),
  }
})

/** The sealed bids of a tender, in the order in which they were sealed. */
export function sealedOf({ sealed: listed }: SealedState, tender: TenderId | null): readonly SealedBidView[] {
  return (listed ?? []).filter(each => each.tender === tender).sort((a, b) => a.sealedAt.localeCompare(b.sealedAt))
}

/** The sealed bid of a tender that counts at the opening: delivered, neither withdrawn nor replaced. */
export function deliveredBid(state: SealedState, tender: TenderId | null): SealedBidView | null {
  const own = sealedOf(state, tender).filter(({ state: stage }) => deliveredStates.includes(stage))
  return own.find(({ seal }) => seal === state.chosen) ?? own.at(-1) ?? null
}

/** The sealed bid the screens are about: the chosen one, or else the newest. */
export function currentSealed(state: SealedState, tender: TenderId | null): SealedBidView | null {
  const own = sealedOf(state, tender)
  return own.find(({ seal }) => seal === state.chosen) ?? own.at(-1) ?? null
}

const deliveredStates: readonly SealedBidView['state'][] = ['submitted', 'released', 'opened', 'not-opened']
