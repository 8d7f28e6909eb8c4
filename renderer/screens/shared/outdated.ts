import type { BidView, SealedBidView } from '../../../main/contract/views.ts'

/** Whether the bid was changed since this sealed bid was made of it, while a new one could still take its place. */
export function isOutdated(bid: BidView | null, sealedBid: SealedBidView): boolean {
  if (bid === null || bid.sealed !== sealedBid.seal || bid.sealedIsCurrent) return false
  return ['sealed', 'submitting', 'submitted'].includes(sealedBid.state)
}

/** Whether a sealed bid counts no more: it is not submitted again, a new one has to be sealed. */
export function isOver({ state }: SealedBidView): boolean {
  return state === 'withdrawn' || state === 'replaced'
}
