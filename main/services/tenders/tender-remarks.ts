import type { Tender } from '../../../crypto/index.ts'
import { parentOf } from './document-tree.ts'
import { projectCodeKind } from './project-code.ts'

/** What is odd about a tender, none of it a reason to refuse it. */
export type TenderRemarkCode =
  | 'project-code-form'
  | 'document-parent'
  | 'clause-document'
  | 'field-of'
  | 'field-choices'
  | 'names-of-cas'
  | 'opening-before-deadline'

export interface TenderRemark {
  readonly code: TenderRemarkCode
  /** What it is about: a code, an id, a form and field. */
  readonly about: string
}

/** Reads a tender for what its own parts say differently, and for a project code of an unknown form. */
export function tenderRemarks({ fields }: Pick<Tender, 'fields'>): readonly TenderRemark[] {
  const remarks: TenderRemark[] = []
  const remark = (code: TenderRemarkCode, about: string): void => void remarks.push({ code, about })
  if (projectCodeKind(fields.projectCode) === 'unknown') remark('project-code-form', fields.projectCode)
  if (new Date(fields.openingTime) < new Date(fields.deadline)) remark('opening-before-deadline', fields.openingTime)
  const documents = new Map(fields.documents.map(each => [each.id, each]))
  for (const document of fields.documents) {
    if (document.parent !== undefined && parentOf(document, documents) === null) remark('document-parent', document.id)
  }
  for (const { id, documents: answered = [] } of fields.clauses) {
    for (const each of answered) if (!documents.has(each)) remark('clause-document', `${id} ${each}`)
  }
  for (const form of fields.forms) {
    for (const { name, kind, of, choices } of form.fields) {
      const about = `${form.id}/${name}`
      if (kind === 'choice' && choices === undefined) remark('field-choices', about)
      if (of !== undefined && !form.fields.some(field => field.name === of)) remark('field-of', about)
    }
  }
  const names = fields.acceptedCaNames
  if (names !== undefined && names.length !== fields.acceptedCas.length) remark('names-of-cas', String(names.length))
  return remarks
}
