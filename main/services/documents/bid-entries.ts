import { basename } from 'node:path'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { loadDraft } from '../bids/draft.ts'
import { requireSameTender } from '../bids/same-tender.ts'
import { fileInside } from '../bids/inside.ts'
import type { BindEntry } from './bind.ts'

/**
 * The documents of a bid folder in the tender's order, with the tender's titles, for a volume. Throws `bid.invalid`,
 * `seal.foreign-tender`, `input.unreadable` for a document whose file has gone.
 */
export async function bidEntries(tender: Tender, folder: string): Promise<readonly BindEntry[]> {
  const { draft } = await loadDraft(folder)
  requireSameTender(draft, tender)
  const order = tender.fields.documents.map(({ id }) => id)
  const placed = [...draft.documents].sort((a, b) => order.indexOf(a.documentId) - order.indexOf(b.documentId))
  const entries: BindEntry[] = []
  for (const { path, documentId } of placed) {
    const file = await fileInside(folder, path)
    if (file === null) throw new AppFailure('input.unreadable', 'a document of the bid is not in its folder')
    const title = tender.fields.documents.find(({ id }) => id === documentId)?.title
    entries.push({ path: file.path, title: title ?? basename(path) })
  }
  return entries
}
