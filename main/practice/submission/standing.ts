import { AppFailure } from '../../contract/failure.ts'
import type { BidRecord } from '../state/bid-record.ts'
import type { BidShelf } from '../state/bid-shelf.ts'

/**
 * One bid of a bidder stands for a lot: a first one, or one that replaces the one standing. Asked when a submission begins
 * and again, under the opening's lock, before its receipt. Throws `platform.refused`.
 */
export function requirePlace(bids: BidShelf, bid: BidRecord): void {
  const standing = bids
    .standing(bid.openingId)
    .find(other => other.bidder.creditCode === bid.bidder.creditCode && other.sealDigest !== bid.sealDigest)
  if (standing === undefined && bid.replaces !== null) {
    throw new AppFailure('platform.refused', 'the bid replaces one that does not stand')
  }
  if (standing !== undefined && bid.replaces !== standing.sealDigest) {
    throw new AppFailure('platform.refused', 'a bid of this bidder stands already; the new one must replace it')
  }
}
