import type { TenderView } from '../../../main/contract/views.ts'

/** What people call a place that a finding names: a document, a form, a field of a form (`form/field`), else the name itself. */
export function placeTitle({ documents, forms }: TenderView, place: string, between: string): string {
  const document = documents.find(({ id }) => id === place)
  if (document !== undefined) return document.title
  const form = forms.find(({ id }) => id === place || place.startsWith(`${id}/`))
  if (form === undefined) return place
  const field = form.fields.find(({ name }) => place === `${form.id}/${name}`)
  return field === undefined ? form.title : `${form.title}${between}${field.title}`
}
