import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { readFileIfThere, withLock, writeFileAtomic } from '../../store/index.ts'

/** A document of a draft. */
export interface DraftEntry {
  /** Its own name inside the draft. */
  readonly id: string
  /** Inside the bid folder, with forward slashes: `documents/投标函.pdf`. */
  readonly path: string
  /** Its place in the tender's list of documents. */
  readonly documentId: string
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

/** Longest name or value, in UTF-16 units: what the sealed documents allow. */
const longestText = 65_536

const maxBytes = 8 * 1024 * 1024

/** Reads `bid.json`. Throws `bid.invalid` when there is none or it is not one. */
export async function loadDraft(folder: string): Promise<LoadedDraft> {
  const bytes = await readFileIfThere(join(folder, 'bid.json'))
  if (bytes === null) throw new AppFailure('bid.invalid', 'the folder has no bid.json')
  if (bytes.length > maxBytes) throw new AppFailure('bid.invalid', 'bid.json is too long')
  return { draft: parseDraft(bytes), digest: sha256(bytes) }
}

/**
 * Writes the next revision atomically. `previous` is the digest of what the change was made from: when the file has
 * changed since, the change is refused with `input.changed` rather than overwriting somebody's work. No other program of
 * ours saves between the look and the writing.
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
  if ((present === null ? null : sha256(present)) !== (previous?.digest ?? null)) {
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
  await writeFileAtomic(path, bytes)
  return { draft: next, digest: sha256(bytes) }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function parseDraft(bytes: Uint8Array): BidDraft {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new AppFailure('bid.invalid', 'bid.json is no JSON', { cause: error })
  }
  const root = record(value, 'bid.json')
  if (root['format'] !== 'bidseal-draft/1') throw new AppFailure('bid.invalid', 'bid.json is of another format')
  const tender = record(root['tender'], 'tender')
  const bidder = record(root['bidder'], 'bidder')
  const revision = root['revision']
  if (!Number.isSafeInteger(revision) || Number(revision) < 1) throw malformed('revision')
  return {
    format: 'bidseal-draft/1',
    revision: Number(revision),
    parent: root['parent'] === null ? null : text(root['parent'], 'parent'),
    tender: {
      packageDigest: text(tender['packageDigest'], 'tender.packageDigest'),
      tenderId: text(tender['tenderId'], 'tender.tenderId'),
      lotId: text(tender['lotId'], 'tender.lotId'),
    },
    bidder: { name: text(bidder['name'], 'bidder.name'), creditCode: text(bidder['creditCode'], 'bidder.creditCode') },
    documents: list(root['documents'], 'documents').map(entry => {
      const document = record(entry, 'documents')
      return {
        id: text(document['id'], 'documents.id'),
        path: text(document['path'], 'documents.path'),
        documentId: text(document['documentId'], 'documents.documentId'),
      }
    }),
    forms: list(root['forms'], 'forms').map(entry => {
      const form = record(entry, 'forms')
      const fields = list(form['fields'], 'forms.fields').map(each => {
        const field = record(each, 'forms.fields')
        return { name: text(field['name'], 'forms.fields.name'), value: text(field['value'], 'forms.fields.value') }
      })
      return { id: text(form['id'], 'forms.id'), fields }
    }),
  }
}

/** Nothing is saved that could not be read again. */
function requireReadable(bytes: Uint8Array): void {
  try {
    if (bytes.length > maxBytes) throw new AppFailure('bid.invalid', 'bid.json is too long')
    parseDraft(bytes)
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error
    throw new AppFailure('arguments.bad', error.failure.detail ?? 'the draft would be too long', { cause: error })
  }
}

function record(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(at)
  return value as Readonly<Record<string, unknown>>
}

function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(at)
  return value
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string' || value.length > longestText) throw malformed(at)
  return value
}

function malformed(at: string): AppFailure {
  return new AppFailure('bid.invalid', `bid.json: ${at} is missing or of another form`)
}
