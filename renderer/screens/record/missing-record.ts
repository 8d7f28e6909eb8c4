import type { SealId } from '../../../main/contract/ids.ts'
import type { OpeningView, SealedBidView } from '../../../main/contract/views.ts'
import { isOver } from '../shared/outdated.ts'

/** Why there is no record of the opening on this computer. */
export type MissingRecord =
  'not-submitted' | 'over' | 'unknown' | 'waiting' | 'open' | 'open-not-released' | 'closed' | 'closed-not-released'

/** The sealed bid whose opening has to be looked at to say why; null where that is known without. */
export function whileAsked(sealedBid: SealedBidView): SealId | null {
  const asked = sealedBid.record === null && isSubmitted(sealedBid)
  return asked ? sealedBid.seal : null
}

/** Why there is no record, by where the opening stands; null stands for a platform that has not answered. */
export function whyNoRecord(sealedBid: SealedBidView, opening: OpeningView | null): MissingRecord {
  if (isOver(sealedBid)) return 'over'
  if (!isSubmitted(sealedBid)) return 'not-submitted'
  if (opening === null) return 'unknown'
  if (opening.state === 'waiting') return 'waiting'
  return sealedBid.releasedAt === null ? `${opening.state}-not-released` : opening.state
}

function isSubmitted(sealedBid: SealedBidView): boolean {
  return !isOver(sealedBid) && sealedBid.state !== 'sealed' && sealedBid.state !== 'submitting'
}
