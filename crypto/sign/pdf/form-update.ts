import type { PdfDocument } from './document.ts'
import type { Form } from './fields.ts'
import type { Increment } from './increment.ts'
import type { PlacedAnnotation } from './marks.ts'
import { array, changed, dictionary, is, type PdfObject, type PdfReference } from './objects.ts'
import { SigningRefused } from './refusal.ts'

/** SignaturesExist and AppendOnly (ISO 32000-1, 12.7.2). */
const signaturesExist = 3

/** A name no field of the form has. */
export function fieldName(form: Form | null): string {
  const taken = new Set(form?.fields.flatMap(({ name }) => [name, name.split('.')[0] ?? '']))
  for (let number = 1; ; number += 1) if (!taken.has(`Signature${number}`)) return `Signature${number}`
}

/** Enters a field in the document's form, which is made where there is none. */
export async function addField(document: PdfDocument, increment: Increment, field: PdfReference): Promise<void> {
  const root = document.xref.trailer.entries.get('Root')
  if (!is(root, 'reference')) throw new SigningRefused('page-tree')
  const catalog = await document.catalog()
  const at = catalog.entries.get('AcroForm')
  const present = await document.dictionaryAt(at)
  const form = present ?? dictionary({})
  const fields = form.entries.get('Fields')
  const list = array([...((await document.arrayAt(fields))?.items ?? []), field])
  const isListApart = is(fields, 'reference') && (await document.arrayAt(fields)) !== null
  if (isListApart) increment.put(fields, list)
  const flags = await document.resolve(form.entries.get('SigFlags'))
  const updated = changed(form, {
    Fields: isListApart ? fields : list,
    SigFlags: (typeof flags === 'number' ? flags : 0) | signaturesExist,
  })
  if (present !== null && is(at, 'reference')) increment.put(at, updated)
  else increment.put(root, changed(catalog, { AcroForm: present === null ? increment.add(updated) : updated }))
}

/** Adds annotations to their pages: each page is written anew with its list of annotations and nothing else changed. */
export async function addToPages(
  document: PdfDocument,
  increment: Increment,
  placed: readonly PlacedAnnotation[],
): Promise<void> {
  for (const { page, annotation } of placed) {
    const present: readonly PdfObject[] = (await document.arrayAt(page.dictionary.entries.get('Annots')))?.items ?? []
    increment.put(page.reference, changed(page.dictionary, { Annots: array([...present, annotation]) }))
  }
}
