import type { FileSystem, Tender } from '../../../crypto/index.ts'
import { writeFileAtomic } from '../../store/index.ts'
import { loadDraft } from '../bids/draft.ts'
import { requireSameTender } from '../bids/same-tender.ts'
import type { ClauseLink } from './clauses.ts'
import { documentPages, loadClauseLinks } from './clauses.ts'
import type { PageRange } from './page-ranges.ts'
import { pageRangesText } from './page-ranges.ts'
import { readTypeface } from './typeface.ts'

/** What of a bid answers a clause. */
export interface IndexedClause {
  readonly id: string
  readonly title: string
  readonly places: readonly IndexedPlace[]
}

export interface IndexedPlace {
  readonly document: string
  /** The document's title in the tender. */
  readonly title: string
  readonly pages: readonly PageRange[]
  /** Whether the document is there and has all these pages. */
  readonly holds: boolean
}

export interface ClauseIndex {
  /** All clauses of the tender in its order, linked or not. */
  readonly clauses: readonly IndexedClause[]
  /** Links to clauses or documents that the tender does not have. */
  readonly foreign: readonly ClauseLink[]
}

/** Looks up what is linked to each clause, and whether it is still there. Throws `bid.invalid`, `seal.foreign-tender`. */
export async function clauseIndex(files: FileSystem, tender: Tender, folder: string): Promise<ClauseIndex> {
  const { draft } = await loadDraft(folder)
  requireSameTender(draft, tender)
  const links = await loadClauseLinks(folder)
  const { clauses, documents } = tender.fields
  const titles = new Map(documents.map(({ id, title }) => [id, title]))
  const counts = new Map<string, number>()
  for (const id of new Set(links.map(link => link.document))) {
    if (titles.has(id)) counts.set(id, (await documentPages(files, folder, draft, id)) ?? 0)
  }
  const order = documents.map(({ id }) => id)
  return {
    clauses: clauses.map(({ id, title }) => ({
      id,
      title,
      places: links
        .filter(link => link.clause === id && titles.has(link.document))
        .sort((a, b) => order.indexOf(a.document) - order.indexOf(b.document))
        .map(({ document, pages }) => ({
          document,
          title: titles.get(document) ?? '',
          pages,
          holds: (pages.at(-1)?.[1] ?? 0) <= (counts.get(document) ?? 0),
        })),
    })),
    foreign: links.filter(link => !titles.has(link.document) || !clauses.some(({ id }) => id === link.clause)),
  }
}

/** Writes the index as a PDF table: clause, document, pages (条款索引表). */
export async function writeClauseIndex(
  index: ClauseIndex,
  options: { readonly output: string; readonly project: string; readonly font: string; readonly at: Date },
): Promise<number> {
  const typeface = await readTypeface(options.font)
  const { openSheet } = await import('../rehearsal/pdf/sheet.ts')
  const sheet = await openSheet(typeface, `${options.project}　条款索引表`, options.at)
  sheet.title('评审条款索引表')
  sheet.paragraph(`项目：${options.project}`)
  sheet.table(
    [
      { title: '序号', share: 0.09, align: 'center' },
      { title: '评审条款', share: 0.41 },
      { title: '对应文件', share: 0.3 },
      { title: '页码', share: 0.2, align: 'center' },
    ],
    index.clauses.flatMap(({ id, title, places }, number) => {
      const clause = title === '' ? id : `${id}　${title}`
      if (places.length === 0) return [[String(number + 1), clause, '—', '—']]
      return places.map((place, at) => [
        at === 0 ? String(number + 1) : '',
        at === 0 ? clause : '',
        place.title,
        pageRangesText(place.pages),
      ])
    }),
  )
  const bytes = await sheet.finish()
  await writeFileAtomic(options.output, bytes)
  return bytes.length
}
