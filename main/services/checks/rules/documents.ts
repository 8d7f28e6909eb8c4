import type { BidFacts, DocumentFacts } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding, FindingPlace } from '../finding.ts'

/** Documents that are missing, empty, gone, in no place, or a sealed bid; files nobody listed. */
export function documentRules(facts: BidFacts): readonly Finding[] {
  const { tender, draft, documents, gone, unlisted } = facts
  const missing = tender.fields.documents.flatMap(({ id, title, required }) => {
    if (draft.documents.some(({ documentId }) => documentId === id)) return []
    const code = required ? 'document-missing' : 'optional-missing'
    return [finding(code, `${id} ${title}`, { kind: 'document', documentId: id })]
  })
  return [
    ...missing,
    ...gone.map(({ documentId, name }) => {
      return finding('document-gone', name, { kind: 'document', documentId, file: name })
    }),
    ...documents.flatMap(each => stateOf(each, tender.fields.openingTime)),
    ...unlisted.map(file => finding('file-unlisted', file, { kind: 'file', file })),
  ]
}

/** The place of a document in findings. */
export function placeOf({ document, name }: DocumentFacts): FindingPlace {
  return { kind: 'document', documentId: document.documentId, file: name }
}

function stateOf(each: DocumentFacts, openingTime: string): readonly Finding[] {
  const { document, name, asked, isSealed, validUntil } = each
  const place = placeOf(each)
  const empty = document.file.size === 0
  return [
    ...(asked === null ? [finding('document-unknown', `${document.documentId} ${name}`, place)] : []),
    ...(isSealed ? [finding('document-sealed', name, place)] : []),
    ...(empty ? [finding('document-empty', name, place)] : []),
    ...(validUntil !== null && validUntil < openingTime.slice(0, 10)
      ? [finding('document-expired', `${name} ${validUntil}`, place)]
      : []),
    ...(empty && asked?.required === true ? [finding('required-empty', name, place)] : []),
  ]
}
