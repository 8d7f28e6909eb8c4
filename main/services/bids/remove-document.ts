import { AppFailure } from '../../contract/failure.ts'
import type { BidDraft } from './draft.ts'
import { loadDraft, saveDraft } from './draft.ts'

/** Takes a document out of a draft, and its file into the folder's history. Throws `arguments.bad` for an id the draft does not have. */
export async function removeDocument({
  folder,
  id,
}: {
  readonly folder: string
  readonly id: string
}): Promise<BidDraft> {
  const loaded = await loadDraft(folder)
  const entry = loaded.draft.documents.find(each => each.id === id)
  if (entry === undefined) throw new AppFailure('arguments.bad', 'the bid has no document of this id')
  const documents = loaded.draft.documents.filter(each => each !== entry)
  const { draft } = await saveDraft(folder, { ...loaded.draft, documents }, loaded)
  return draft
}
