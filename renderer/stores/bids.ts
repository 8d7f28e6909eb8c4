import { createStore } from 'zustand/vanilla'
import type { SealChoice } from '../../main/contract/guards.ts'
import type { BidId, JobId, TenderId, TenderName } from '../../main/contract/ids.ts'
import type { BidView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, notAsking } from './attempt.ts'
import { forms } from './forms.ts'
import { jobs } from './jobs.ts'
import { replaced } from './replaced.ts'

export interface BidsState extends Asking {
  readonly bids: readonly BidView[] | null
  readonly load: () => Promise<void>
  readonly create: (tender: TenderId, bidderName: string) => Promise<void>
  readonly addDocument: (bid: BidId, place: TenderName) => Promise<void>
  readonly removeDocument: (bid: BidId, document: TenderName) => Promise<void>
  /** Saves what was typed, then starts to seal. Answers the job, or null when it could not be started. */
  readonly seal: (bid: BidId, choice: SealChoice) => Promise<JobId | null>
  /** Takes a bid as main says it is now. */
  readonly accept: (bid: BidView) => void
}

/** The bids being made. */
export const bids = createStore<BidsState>()((set, get) => {
  async function take(ask: () => Promise<BidView | null>): Promise<void> {
    const bid = await attempt(set, ask)
    if (bid !== null) get().accept(bid)
  }
  return {
    ...notAsking,
    bids: null,
    load: async () => {
      const listed = await attempt(set, () => call('bid.list'))
      if (listed !== null) set({ bids: listed })
    },
    create: (tender, bidderName) => take(() => call('bid.create', tender, bidderName)),
    addDocument: (bid, place) => take(() => call('bid.addDocument', bid, place)),
    removeDocument: (bid, document) => take(() => call('bid.removeDocument', bid, document)),
    seal: async (bid, choice) => {
      if (!(await forms.getState().saveAll())) return null
      const job = await attempt(set, () => call('bid.seal', bid, choice))
      if (job !== null) jobs.getState().started(job, bid)
      return job
    },
    accept: bid => {
      set({ bids: replaced(get().bids ?? [], bid, each => each.bid === bid.bid) })
    },
  }
})

/** The bid that is being made for a tender: of several the one that was changed last, which main lists first. */
export function bidFor({ bids: listed }: BidsState, tender: TenderId | null): BidView | null {
  return listed?.find(each => each.tender === tender) ?? null
}
