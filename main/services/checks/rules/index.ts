import type { BidFacts } from '../facts.ts'
import type { Finding } from '../finding.ts'
import { addendumRules } from './addendum.ts'
import { amountRules } from './amounts.ts'
import { certificateRules } from './certificates.ts'
import { companyRules } from './companies.ts'
import { documentRules } from './documents.ts'
import { formRules } from './forms.ts'
import { identityRules } from './identity.ts'
import { limitRules } from './limits.ts'
import { pdfRules } from './pdf.ts'
import { signatureRules } from './signatures.ts'
import { traceRules } from './traces.ts'

const families: readonly ((facts: BidFacts) => readonly Finding[])[] = [
  documentRules,
  limitRules,
  signatureRules,
  formRules,
  amountRules,
  identityRules,
  addendumRules,
  certificateRules,
  pdfRules,
  companyRules,
  traceRules,
]

/** All that every family of rules finds, in the order of the families. */
export function applyRules(facts: BidFacts): readonly Finding[] {
  return families.flatMap(family => family(facts))
}
