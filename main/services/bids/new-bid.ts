import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { isMissing, writeFailure } from '../../store/index.ts'
import type { BidDraft } from './draft.ts'
import { saveDraft } from './draft.ts'

export interface NewBid {
  readonly folder: string
  /** Whose signature and trust the caller has judged. */
  readonly tender: Tender
  readonly bidder?: { readonly name?: string | undefined; readonly creditCode?: string | undefined }
}

/** Begins a bid in a new or empty folder. Throws `output.exists` for a folder that holds anything. */
export async function newBid({ folder, tender, bidder }: NewBid): Promise<BidDraft> {
  const present = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw new AppFailure('output.exists', 'what stands under this name is no folder', { cause: error })
  })
  if (present.length > 0) throw new AppFailure('output.exists', 'the folder is not empty')
  await mkdir(join(folder, 'documents'), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error)
  })
  const { tenderId, lotId = '' } = tender.fields
  const { draft } = await saveDraft(
    folder,
    {
      tender: { packageDigest: tender.packageDigest, tenderId, lotId },
      bidder: { name: bidder?.name ?? '', creditCode: bidder?.creditCode ?? '' },
      documents: [],
      forms: [],
    },
    null,
  )
  return draft
}
