import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { BidDraft } from '../bids/draft.ts'

/** Throws `seal.foreign-tender` unless the bid folder was made for this very package. */
export function requireBidOf(draft: BidDraft, { packageDigest }: Tender): void {
  if (draft.tender.packageDigest === packageDigest) return
  throw new AppFailure('seal.foreign-tender', 'the bid folder names another tender package')
}
