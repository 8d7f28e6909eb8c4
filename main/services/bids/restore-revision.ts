import { join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { copyDocument, removeCopy } from './copy-document.ts'
import type { BidDraft, DraftEntry } from './draft.ts'
import { loadDraft, saveDraft } from './draft.ts'
import type { BidHistory } from './history.ts'
import { bidHistory } from './history.ts'
import { fileDigest } from '../file-digest.ts'
import { fileInside } from './inside.ts'
import type { KeptState } from './revisions.ts'

export interface RestoredRevision {
  readonly draft: BidDraft
  readonly from: KeptState
  /** That state was made for another package of the tender than the present one. */
  readonly otherPackage: boolean
  /** Names of documents that state had whose files are not kept any more; the check names them too. */
  readonly missing: readonly string[]
  /** Names of documents of another line whose files here are not, or may not be, the ones it had. */
  readonly unsure: readonly string[]
}

/**
 * Makes an earlier state the present one, as a new revision: nothing in between is lost. `which` is a revision, or the
 * beginning of a state's digest where two lines have the same revision. `other` is a second folder of the same bid, whose
 * states and documents are taken instead. Throws `arguments.bad` for what is not kept, is not one state, or is the present
 * one.
 */
export async function restoreRevision(folder: string, which: string, other?: string): Promise<RestoredRevision> {
  const loaded = await loadDraft(folder)
  const history = await bidHistory(other ?? folder)
  const from = pick(history, which)
  if (from.digest === loaded.digest) throw new AppFailure('arguments.bad', 'this is the present state already')
  const copied: string[] = []
  const documents: DraftEntry[] = []
  const missing: string[] = []
  try {
    for (const entry of from.draft.documents) {
      const place =
        other === undefined
          ? await placeOf(folder, history, from, entry)
          : await placeBeside(folder, loaded.draft, entry, () => placeOf(other, history, from, entry, true))
      if (place === null) missing.push(nameOf(entry.path))
      if (place === null || place === entry.path) documents.push(entry)
      else {
        const staying = documents.map(({ path }) => nameOf(path))
        const path = await copyDocument(folder, place, { staying })
        copied.push(path)
        documents.push({ ...entry, path })
      }
    }
    const unsure = other === undefined ? await unsureOf(folder, history, from, documents) : []
    const { draft } = await saveDraft(folder, { ...from.draft, documents }, loaded)
    const otherPackage = draft.tender.packageDigest !== loaded.draft.tender.packageDigest
    return { draft, from, otherPackage, missing, unsure }
  } catch (error) {
    for (const path of copied) await removeCopy(folder, path).catch(() => undefined)
    throw error
  }
}

function pick({ states }: BidHistory, which: string): KeptState {
  const text = which.trim().toLowerCase()
  const found = /^\d{1,6}$/.test(text)
    ? states.filter(({ revision }) => revision === Number(text))
    : states.filter(({ digest }) => /^[0-9a-f]{7,64}$/.test(text) && digest.startsWith(text))
  const [state] = found
  if (state === undefined) throw new AppFailure('arguments.bad', 'this state is not kept')
  if (found.length > 1) {
    const names = found.map(({ digest }) => digest.slice(0, 12)).join(', ')
    throw new AppFailure('arguments.bad', `there are ${found.length} states of this revision: ${names}`)
  }
  return state
}

/**
 * Where the file a state names is now: its own path (for a folder `elsewhere` as the system's), or a path of the system in
 * the history; null when it is nowhere. It is
 * the one that was put away first after that state; later ones of the name are other files.
 */
async function placeOf(
  folder: string,
  { files }: BidHistory,
  state: KeptState,
  { path }: DraftEntry,
  elsewhere = false,
): Promise<string | null> {
  const spelled = path.normalize('NFC')
  const kept = files.find(file => file.until >= state.revision && file.path.normalize('NFC') === spelled)
  if (kept === undefined)
    return (await fileInside(folder, path)) === null ? null : elsewhere ? join(folder, path) : path
  if (kept.dropped) return null
  return (await fileInside(folder, kept.at))?.path ?? null
}

/** The same for a state of a second folder: what this folder has already stays, the rest is fetched from there. */
async function placeBeside(
  folder: string,
  present: BidDraft,
  { path, digest }: DraftEntry,
  there: () => Promise<string | null>,
): Promise<string | null> {
  const own = present.documents.find(each => each.path === path && digest !== undefined && each.digest === digest)
  if (own !== undefined && (await fileInside(folder, path)) !== null) return path
  return there()
}

/**
 * Of a state of another line, whose folder was laid over this one: a file of this line may stand under a name of the other.
 * Along one line a document may have been signed since it was brought in, and is what it should be.
 */
async function unsureOf(
  folder: string,
  { present, earlier }: BidHistory,
  from: KeptState,
  documents: readonly DraftEntry[],
): Promise<readonly string[]> {
  if ([present, ...earlier].some(({ digest }) => digest === from.digest)) return []
  const unsure: string[] = []
  for (const { path, digest } of documents) {
    const file = await fileInside(folder, path)
    if (file !== null && digest !== (await fileDigest(file.path))) unsure.push(nameOf(path))
  }
  return unsure
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
