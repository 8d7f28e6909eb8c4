import { useStore } from 'zustand'
import type { BidView, SealedBidView, TenderView } from '../../../main/contract/views.ts'
import { bidFor, bids } from '../../stores/bids.ts'
import { currentSealed, deliveredBid, sealed } from '../../stores/sealed.ts'
import { chosenTender, tenders } from '../../stores/tenders.ts'

/** What the screens are about: the chosen tender, the bid being made for it, the sealed bids. */
export interface Work {
  readonly tender: TenderView | null
  readonly bid: BidView | null
  /** The one to submit or just submitted: the newest, unless the user chose another. */
  readonly sealedBid: SealedBidView | null
  /** The one that counts at the opening. */
  readonly delivered: SealedBidView | null
}

/** The work the screens are about, kept up with the stores. */
export function useWork(): Work {
  const tender = chosenTender(useStore(tenders))
  const bid = bidFor(useStore(bids), tender?.tender ?? null)
  const state = useStore(sealed)
  const sealedBid = currentSealed(state, tender?.tender ?? null)
  return { tender, bid, sealedBid, delivered: deliveredBid(state, tender?.tender ?? null) }
}
