import type { BidFacts, DocumentFacts } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { placeOf } from './documents.ts'

/** PDFs that are broken, encrypted or scripted: named, never swallowed. Whether they may go in is the tender's to say. */
export function pdfRules({ documents }: BidFacts): readonly Finding[] {
  return documents.flatMap(each => (each.document.file.size === 0 ? [] : stateOf(each)))
}

function stateOf(each: DocumentFacts): readonly Finding[] {
  const { pdf, name } = each
  if (pdf === null) return []
  if (pdf.kind === 'unreadable') return [finding('pdf-broken', name, placeOf(each))]
  const { facts } = pdf
  if (facts.encryption !== null) return [finding('pdf-encrypted', name, placeOf(each))]
  const active = [
    ...(facts.hasJavaScript ? ['JavaScript'] : []),
    ...(facts.hasLaunchActions ? ['Launch'] : []),
    ...(facts.hasXfa ? ['XFA'] : []),
  ]
  return [
    ...(active.length === 0 ? [] : [finding('pdf-scripted', `${name} ${active.join(', ')}`, placeOf(each))]),
    ...(facts.trouble.length === 0
      ? []
      : [finding('pdf-damaged', `${name} ${facts.trouble.join(', ')}`, placeOf(each))]),
  ]
}
