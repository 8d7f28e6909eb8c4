import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { BidDraft } from './draft.ts'

/** Throws `seal.foreign-tender` unless the draft was made for this very package. */
export function requireSameTender(draft: BidDraft, tender: Tender): void {
  const { tenderId, lotId = '' } = tender.fields
  if (
    draft.tender.packageDigest !== tender.packageDigest ||
    draft.tender.tenderId !== tenderId ||
    draft.tender.lotId !== lotId
  ) {
    throw new AppFailure('seal.foreign-tender', 'the bid folder names another tender package')
  }
}
