import { tooMuch } from './broken.ts'
import type { PdfDocument } from './document.ts'
import { limits } from './limits.ts'
import { is, isName, type PdfDictionary, type PdfObject, type PdfReference, textOf } from './objects.ts'

/** A field of the document's form (ISO 32000-1, 12.7.3). */
export interface FormField {
  /** Full name: the partial names from the root, with dots. */
  readonly name: string
  /** Btn, Tx, Ch, Sig; null where none is said. */
  readonly type: string | null
  readonly dictionary: PdfDictionary
  /** Null for a field that stands in an array itself. */
  readonly reference: PdfReference | null
  /** Its value, inherited or own; null when it has none. */
  readonly value: PdfObject
}

/** The document's form, or null. */
export interface Form {
  readonly dictionary: PdfDictionary
  readonly fields: readonly FormField[]
  readonly hasXfa: boolean
}

/** Reads the form; a field's kids without a partial name are its widgets and no fields. */
export async function readForm(document: PdfDocument): Promise<Form | null> {
  const dictionary = await document.dictionaryAt((await document.catalog()).entries.get('AcroForm'))
  if (dictionary === null) return null
  const walk: Walk = { document, fields: [], seen: new Set() }
  const roots = await document.arrayAt(dictionary.entries.get('Fields'))
  for (const root of roots?.items ?? []) await walkField(walk, root, { name: '', type: null, value: null }, 0)
  const xfa = await document.resolve(dictionary.entries.get('XFA'))
  return { dictionary, fields: walk.fields, hasXfa: xfa !== null }
}

interface Walk {
  readonly document: PdfDocument
  readonly fields: FormField[]
  readonly seen: Set<number>
}

interface Above {
  readonly name: string
  readonly type: string | null
  readonly value: PdfObject
}

async function walkField(walk: Walk, object: PdfObject, above: Above, depth: number): Promise<void> {
  const { document, fields, seen } = walk
  const dictionary = await document.dictionaryAt(object)
  if (dictionary === null || depth > limits.fieldDepth) return
  const reference = is(object, 'reference') ? object : null
  if (reference !== null && seen.has(reference.number)) return
  if (reference !== null) seen.add(reference.number)
  const { entries } = dictionary
  const partial = textOf(await document.resolve(entries.get('T')))
  const ownType = await document.resolve(entries.get('FT'))
  const ownValue = await document.resolve(entries.get('V'))
  const field: Above = {
    name: [above.name, partial ?? ''].filter(part => part !== '').join('.'),
    type: isName(ownType) ? ownType.name : above.type,
    value: ownValue ?? above.value,
  }
  const kids = await document.arrayAt(entries.get('Kids'))
  const below: PdfObject[] = []
  for (const kid of kids?.items ?? []) {
    const named = await document.dictionaryAt(kid)
    if (named?.entries.has('T') === true) below.push(kid)
  }
  if (below.length === 0) {
    if (fields.length >= limits.fields) throw tooMuch('too many form fields')
    fields.push({ ...field, dictionary, reference })
  }
  for (const kid of below) await walkField(walk, kid, field, depth + 1)
}
