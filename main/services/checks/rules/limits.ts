import type { BidFacts, DocumentFacts } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { placeOf } from './documents.ts'

/** Sizes and numbers of pages against the tender's limits. */
export function limitRules({ tender, documents }: BidFacts): readonly Finding[] {
  const { limits, title } = tender.fields
  const size = documents.reduce((sum, { document }) => sum + document.file.size, 0)
  return [
    ...documents.flatMap(each =>
      each.document.file.size > limits.fileBytes ? [finding('document-too-large', each.name, placeOf(each))] : [],
    ),
    ...(size > limits.bidBytes ? [finding('bid-too-large', title, { kind: 'bid' })] : []),
    ...documents.flatMap(pagesOf),
  ]
}

/** A limit of 0 pages is none: formats.md has no other way to leave it open. */
function pagesOf(each: DocumentFacts): readonly Finding[] {
  const { asked, pdf, name, document } = each
  const most = asked?.maxPages ?? 0
  if (most === 0 || document.file.size === 0) return []
  const pages = pdf?.kind === 'read' && pdf.facts.encryption === null ? pdf.facts.pages.length : null
  if (pages === null) return [finding('pages-unknown', name, placeOf(each))]
  if (pages <= most) return []
  const place = { ...placeOf(each), page: most + 1 }
  return [finding('pages-too-many', `${name} ${pages} > ${most}`, place)]
}
