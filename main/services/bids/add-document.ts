import { join } from 'node:path'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { copyDocument, removeCopy } from './copy-document.ts'
import type { BidDraft, DraftEntry } from './draft.ts'
import { loadDraft, saveDraft } from './draft.ts'
import { fileDigest } from '../file-digest.ts'
import { isSealedBid } from './sealed-magic.ts'

export interface AddDocument {
  readonly folder: string
  readonly file: string
  /** A document id of the tender. */
  readonly documentId: string
  /** Takes the place of what stands under this id now. */
  readonly replace: boolean
  /** The last day it is valid, where that is known. */
  readonly validUntil?: string | undefined
}

/**
 * Copies a file into the bid under a place of the tender's list. What it replaces goes to the folder's history once the draft
 * names the new file; of a change that failed nothing is left. Throws `arguments.bad` for an id the tender does not
 * have, `seal.already-sealed` for a sealed bid, `output.exists`
 * (without `replace`) for a name or an id that is taken.
 */
export async function addDocument(tender: Tender, request: AddDocument): Promise<BidDraft> {
  const { draft } = await loadDraft(request.folder)
  const known = tender.fields.documents.map(({ id }) => id)
  if (!known.includes(request.documentId)) {
    throw new AppFailure('arguments.bad', `the tender asks for no such document; it asks for ${known.join(', ')}`)
  }
  if (await isSealedBid(request.file))
    throw new AppFailure('seal.already-sealed', 'the document is itself a sealed bid')
  // Refused before anything is copied where that can be known already.
  const standing = standingIn(draft, request)
  const staying = draft.documents.filter(entry => !standing.includes(entry)).map(nameOf)
  const path = await copyDocument(request.folder, request.file, request.replace ? { staying } : 'refuse')
  try {
    return await place(request, path, await fileDigest(join(request.folder, path)))
  } catch (error) {
    await removeCopy(request.folder, path)
    throw error
  }
}

/** Puts the copy in its place. The draft is read only now: copying a large file takes long enough for other changes. */
async function place(request: AddDocument, path: string, digest: string): Promise<BidDraft> {
  const { folder, documentId, validUntil } = request
  const loaded = await loadDraft(folder)
  const standing = standingIn(loaded.draft, request)
  const kept = loaded.draft.documents.filter(entry => !standing.includes(entry))
  if (kept.some(each => nameOf(each) === nameOf({ path }))) {
    throw new AppFailure('input.changed', 'another document of this name came into the bid meanwhile')
  }
  const entry: DraftEntry = {
    ...{ id: freshId(loaded.draft.documents), path, documentId, digest },
    ...(validUntil === undefined ? {} : { validUntil }),
  }
  const { draft } = await saveDraft(folder, { ...loaded.draft, documents: [...kept, entry] }, loaded)
  return draft
}

/** What stands in the place now. Throws `output.exists` when that is not to be replaced. */
function standingIn(draft: BidDraft, { documentId, replace }: AddDocument): readonly DraftEntry[] {
  const standing = draft.documents.filter(entry => entry.documentId === documentId)
  if (standing.length > 0 && !replace) {
    throw new AppFailure(
      'output.exists',
      'the bid has a document in this place already (--replace puts the new one there)',
    )
  }
  return standing
}

function nameOf({ path }: Pick<DraftEntry, 'path'>): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function freshId(documents: readonly DraftEntry[]): string {
  const highest = documents.reduce((max, { id }) => Math.max(max, Number.parseInt(id.replace(/^d/, ''), 10) || 0), 0)
  return `d${highest + 1}`
}
