import type { BidFacts } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'

/** A later addendum this home has imported: the bid was made for what no longer counts. */
export function addendumRules({ addendum }: BidFacts): readonly Finding[] {
  if (addendum === null) return []
  return [finding('addendum-newer', `${addendum.title} ${addendum.publishedAt}`, { kind: 'tender' })]
}
