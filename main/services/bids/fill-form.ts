import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { BidDraft, DraftForm } from './draft.ts'
import { loadDraft, saveDraft } from './draft.ts'

export interface FillForm {
  readonly folder: string
  readonly formId: string
  /** Values by field name; an empty value empties the field. */
  readonly values: ReadonlyMap<string, string>
}

/** Fills fields of one form. Throws `arguments.bad` for a form or field the tender does not have. */
export async function fillForm(tender: Tender, { folder, formId, values }: FillForm): Promise<BidDraft> {
  const loaded = await loadDraft(folder)
  const form = tender.fields.forms.find(({ id }) => id === formId)
  if (form === undefined) {
    const known = tender.fields.forms.map(({ id }) => id).join(', ')
    throw new AppFailure('arguments.bad', `the tender has no such form; it has ${known}`)
  }
  const names = form.fields.map(({ name }) => name)
  for (const name of values.keys()) {
    if (!names.includes(name))
      throw new AppFailure('arguments.bad', `the form has no field ${name}; it has ${names.join(', ')}`)
  }
  const before = new Map(
    loaded.draft.forms.find(({ id }) => id === formId)?.fields.map(({ name, value }) => [name, value]),
  )
  const fields = names
    .map(name => ({ name, value: values.get(name) ?? before.get(name) ?? '' }))
    .filter(({ value }) => value !== '')
  const filled: DraftForm = { id: formId, fields }
  const others = loaded.draft.forms.filter(({ id }) => id !== formId)
  return (await saveDraft(folder, { ...loaded.draft, forms: [...others, filled] }, loaded)).draft
}
