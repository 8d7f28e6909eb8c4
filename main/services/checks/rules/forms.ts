import { fieldMisfit } from '../../tenders/field-rules.ts'
import type { BidFacts } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'

/** Forms and fields that are missing, that the tender does not have, or that hold what it does not accept there. */
export function formRules({ tender, draft }: BidFacts): readonly Finding[] {
  const found: Finding[] = []
  const { forms } = tender.fields
  for (const { id } of draft.forms) {
    if (!forms.some(form => form.id === id)) found.push(finding('form-unknown', id, { kind: 'form', formId: id }))
  }
  for (const form of forms) {
    const filled = draft.forms.find(({ id }) => id === form.id)?.fields ?? []
    const at = (name: string) => ({ kind: 'form', formId: form.id, field: name }) as const
    for (const field of form.fields) {
      const value = filled.find(({ name }) => name === field.name)?.value ?? ''
      // A tender that doesn't say that a field must be filled in has not made it a condition.
      if (field.required === true && value.trim() === '') {
        found.push(finding('field-missing', `${form.id}/${field.name}`, at(field.name)))
      }
      const misfit = fieldMisfit(field, value)
      // Amounts have a rule of their own, which reads more spellings.
      if (misfit !== null && misfit !== 'not-amount') {
        found.push(finding('field-invalid', `${form.id}/${field.name} ${value.slice(0, 60)}`, at(field.name)))
      }
    }
    for (const { name } of filled) {
      if (form.fields.some(field => field.name === name)) continue
      found.push(finding('field-unknown', `${form.id}/${name}`, at(name)))
    }
  }
  return found
}
