import { join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { readFileIfThere, withLock, writeFileAtomic } from '../../store/index.ts'
import { maxDraftBytes, parseDraft, stateDigest } from './draft-format.ts'
import { keepState, tidyHistory } from './revisions.ts'

/** A document of a draft. */
export interface DraftEntry {
  /** Its own name inside the draft. */
  readonly id: string
  /** Inside the bid folder, with forward slashes: `documents/投标函.pdf`. */
  readonly path: string
  /** Its place in the tender's list of documents. */
  readonly documentId: string
  /** SHA-256 of the file as it was brought in, hex: tells two files of one name apart. It may have been signed since. */
  readonly digest?: string
  /** The last day it is valid, `2026-03-01`, where that is known: a licence from the company library. */
  readonly validUntil?: string
}

export interface DraftForm {
  readonly id: string
  readonly fields: readonly { readonly name: string; readonly value: string }[]
}

/** A bid being composed: `bid.json` of a bid folder (formats.md). */
export interface BidDraft {
  readonly format: 'bidseal-draft/1'
  /** Counts the saves, from 1. */
  readonly revision: number
  /** SHA-256 of the `bid.json` this one was made from, hex; null for the first. Two drafts with one parent have forked. */
  readonly parent: string | null
  /** `lotId` is empty in a tender without lots. */
  readonly tender: { readonly packageDigest: string; readonly tenderId: string; readonly lotId: string }
  /** Empty until known; sealing takes both from the signing certificate. */
  readonly bidder: { readonly name: string; readonly creditCode: string }
  readonly documents: readonly DraftEntry[]
  readonly forms: readonly DraftForm[]
}

/** A draft as read, with the digest of its bytes: the next save's parent. */
export interface LoadedDraft {
  readonly draft: BidDraft
  readonly digest: string
}

/** Reads `bid.json`. Throws `bid.invalid` when there is none or it is not one. */
export async function loadDraft(folder: string): Promise<LoadedDraft> {
  const bytes = await readFileIfThere(join(folder, 'bid.json'))
  if (bytes === null) throw new AppFailure('bid.invalid', 'the folder has no bid.json')
  if (bytes.length > maxDraftBytes) throw new AppFailure('bid.invalid', 'bid.json is too long')
  return { draft: parseDraft(bytes), digest: stateDigest(bytes) }
}

/**
 * Writes the next revision atomically. `previous` is the digest of what the change was made from: when the file has
 * changed since, the change is refused with `input.changed` rather than overwriting somebody's work. No other program of
 * ours saves between the look and the writing. Every state stays readable in the folder's history, and the documents that
 * only earlier states name go there.
 */
export function saveDraft(
  folder: string,
  draft: Omit<BidDraft, 'format' | 'revision' | 'parent'>,
  previous: LoadedDraft | null,
): Promise<LoadedDraft> {
  return withLock(join(folder, 'bid.json.lock'), () => saveNext(folder, draft, previous))
}

async function saveNext(...[folder, draft, previous]: Parameters<typeof saveDraft>): Promise<LoadedDraft> {
  const path = join(folder, 'bid.json')
  const present = await readFileIfThere(path)
  if ((present === null ? null : stateDigest(present)) !== (previous?.digest ?? null)) {
    throw new AppFailure('input.changed', 'bid.json was changed by another program meanwhile')
  }
  const next: BidDraft = {
    format: 'bidseal-draft/1',
    revision: (previous?.draft.revision ?? 0) + 1,
    parent: previous?.digest ?? null,
    tender: draft.tender,
    bidder: draft.bidder,
    documents: draft.documents,
    forms: draft.forms,
  }
  const bytes = new TextEncoder().encode(`${JSON.stringify(next, null, 2)}\n`)
  requireReadable(bytes)
  // What a save that was killed could no longer keep, it is kept before it is overwritten.
  if (present !== null) await keepState(folder, present)
  await writeFileAtomic(path, bytes)
  // It is saved now, whatever becomes of the history; the next save makes up for it.
  await keepState(folder, bytes).catch(() => undefined)
  await tidyHistory(folder).catch(() => undefined)
  return { draft: next, digest: stateDigest(bytes) }
}

/** Nothing is saved that could not be read again. */
function requireReadable(bytes: Uint8Array): void {
  try {
    if (bytes.length > maxDraftBytes) throw new AppFailure('bid.invalid', 'bid.json is too long')
    parseDraft(bytes)
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error
    throw new AppFailure('arguments.bad', error.failure.detail ?? 'the draft would be too long', { cause: error })
  }
}
