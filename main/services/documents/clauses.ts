import { join } from 'node:path'
import type { FileSystem, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readFileIfThere, withLock, writeJsonAtomic } from '../../store/index.ts'
import { type BidDraft, loadDraft } from '../bids/draft.ts'
import { requireSameTender } from '../bids/same-tender.ts'
import { fileInside } from '../bids/inside.ts'
import { examineDocument } from './examine.ts'
import type { PageRange } from './page-ranges.ts'
import { joined } from './page-ranges.ts'

/** Pages of a document that answer an evaluation clause (条款关联). */
export interface ClauseLink {
  /** A clause id of the tender. */
  readonly clause: string
  /** A document id of the tender: the link holds when the file in its place is replaced. */
  readonly document: string
  /** In order, apart from each other. */
  readonly pages: readonly PageRange[]
}

/** `clauses.json` of a bid folder. */
interface ClauseFile {
  readonly format: 'bidseal-clauses/1'
  readonly links: readonly ClauseLink[]
}

export interface LinkClause {
  readonly folder: string
  readonly clause: string
  readonly document: string
  /** What the link is from now on; none removes it. */
  readonly pages: readonly PageRange[]
}

const fileName = 'clauses.json'
const maxBytes = 8 * 1024 * 1024
const mostLinks = 20_000

/** The links of a bid folder; none where nothing was linked. Throws `bid.invalid`. */
export async function loadClauseLinks(folder: string): Promise<readonly ClauseLink[]> {
  const bytes = await readFileIfThere(join(folder, fileName))
  if (bytes === null) return []
  if (bytes.length > maxBytes) throw malformed('it is too long')
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new AppFailure('bid.invalid', `${fileName} is no JSON`, { cause: error })
  }
  if (!isRecord(value) || value['format'] !== 'bidseal-clauses/1' || !Array.isArray(value['links'])) {
    throw malformed('it is of another form')
  }
  const links: readonly unknown[] = value['links']
  if (links.length > mostLinks) throw malformed('it has too many links')
  return links.map(readLink)
}

/**
 * Links pages of a document to a clause, in place of what was linked between the two. Saved atomically. Throws `arguments.bad` for
 * a clause or document the tender does not have, a document the bid does not have yet, and pages it does not have;
 * `seal.foreign-tender`.
 */
export async function linkClause(
  files: FileSystem,
  tender: Tender,
  request: LinkClause,
): Promise<readonly ClauseLink[]> {
  const { folder, clause, document } = request
  const pages = joined(request.pages)
  const { draft } = await loadDraft(folder)
  requireSameTender(draft, tender)
  requireKnown('clause', clause, tender.fields.clauses)
  requireKnown('document', document, tender.fields.documents)
  if (pages.length > 0) await requirePages(files, folder, draft, document, pages)
  return withLock(join(folder, `${fileName}.lock`), async () => {
    const before = await loadClauseLinks(folder)
    const others = before.filter(link => link.clause !== clause || link.document !== document)
    const links = pages.length === 0 ? others : [...others, { clause, document, pages }]
    const next: ClauseFile = { format: 'bidseal-clauses/1', links }
    if (links.length > mostLinks) throw new AppFailure('arguments.bad', 'the bid has too many links')
    await writeJsonAtomic(join(folder, fileName), next)
    return links
  })
}

async function requirePages(
  files: FileSystem,
  folder: string,
  draft: BidDraft,
  document: string,
  pages: readonly PageRange[],
): Promise<void> {
  const count = await documentPages(files, folder, draft, document)
  if (count === null) throw new AppFailure('arguments.bad', 'the bid has no such document yet, or one without pages')
  const last = pages.at(-1)?.[1] ?? 0
  if (last > count) throw new AppFailure('arguments.bad', `the document has ${count} pages`)
}

/** Pages of the document that stands in a place of the bid; null when there is none, or none that can be read. */
export async function documentPages(
  files: FileSystem,
  folder: string,
  draft: BidDraft,
  document: string,
): Promise<number | null> {
  const entry = draft.documents.find(({ documentId }) => documentId === document)
  const file = entry === undefined ? null : await fileInside(folder, entry.path)
  if (file === null) return null
  const { pages } = await examineDocument(files, file.path)
  return pages === 0 ? null : pages
}

function requireKnown(what: string, id: string, known: readonly { readonly id: string }[]): void {
  if (known.some(each => each.id === id)) return
  const ids = known.map(each => each.id).join(', ')
  throw new AppFailure('arguments.bad', `the tender has no ${what} ${id}; it has ${ids === '' ? 'none' : ids}`)
}

function readLink(value: unknown): ClauseLink {
  if (!isRecord(value)) throw malformed('a link is of another form')
  const { clause, document, pages } = value
  if (typeof clause !== 'string' || typeof document !== 'string' || !Array.isArray(pages)) {
    throw malformed('a link is of another form')
  }
  return { clause, document, pages: joined((pages as readonly unknown[]).map(readRange)) }
}

function readRange(value: unknown): PageRange {
  const ends: readonly unknown[] = Array.isArray(value) ? value : []
  const [from, to] = ends
  if (typeof from !== 'number' || typeof to !== 'number' || !Number.isSafeInteger(from) || !Number.isSafeInteger(to)) {
    throw malformed('pages are of another form')
  }
  if (from < 1 || to < from) throw malformed('pages are in disorder')
  return [from, to]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(detail: string): AppFailure {
  return new AppFailure('bid.invalid', `${fileName}: ${detail}`)
}
