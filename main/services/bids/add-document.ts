import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { copyDocument } from './copy-document.ts'
import type { BidDraft, DraftEntry, LoadedDraft } from './draft.ts'
import { loadDraft, saveDraft } from './draft.ts'
import { fileInside } from './inside.ts'
import { isSealedBid } from './sealed-magic.ts'

export interface AddDocument {
  readonly folder: string
  readonly file: string
  /** A document id of the tender. */
  readonly documentId: string
  /** Takes the place of what stands under this id now. */
  readonly replace: boolean
}

/**
 * Copies a file into the bid under a place of the tender's list. Throws `arguments.bad` for an id the tender does not
 * have, `seal.already-sealed` for a sealed bid, `output.exists` for a name or (without `replace`) an id that is taken.
 */
export async function addDocument(tender: Tender, request: AddDocument): Promise<BidDraft> {
  const loaded = await loadDraft(request.folder)
  const known = tender.fields.documents.map(({ id }) => id)
  if (!known.includes(request.documentId)) {
    throw new AppFailure('arguments.bad', `the tender asks for no such document; it asks for ${known.join(', ')}`)
  }
  if (await isSealedBid(request.file))
    throw new AppFailure('seal.already-sealed', 'the document is itself a sealed bid')
  const standing = loaded.draft.documents.filter(({ documentId }) => documentId === request.documentId)
  if (standing.length > 0 && !request.replace) {
    throw new AppFailure(
      'output.exists',
      'the bid has a document in this place already (--replace puts the new one there)',
    )
  }
  return place(request, loaded, standing)
}

async function place(request: AddDocument, loaded: LoadedDraft, standing: readonly DraftEntry[]): Promise<BidDraft> {
  const kept = loaded.draft.documents.filter(entry => !standing.includes(entry))
  const path = await copyDocument(request.folder, request.file)
  const entry: DraftEntry = { id: freshId(loaded.draft.documents), path, documentId: request.documentId }
  try {
    const { draft } = await saveDraft(request.folder, { ...loaded.draft, documents: [...kept, entry] }, loaded)
    // Only now are the old files nobody's.
    for (const old of standing) {
      const file = await fileInside(request.folder, old.path)
      if (file !== null && !draft.documents.some(each => each.path === old.path)) await rm(file.path, { force: true })
    }
    return draft
  } catch (error) {
    await rm(join(request.folder, path), { force: true })
    throw error
  }
}

function freshId(documents: readonly DraftEntry[]): string {
  const highest = documents.reduce((max, { id }) => Math.max(max, Number.parseInt(id.replace(/^d/, ''), 10) || 0), 0)
  return `d${highest + 1}`
}
