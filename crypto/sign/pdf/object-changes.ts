import { sameBytes } from '../../der/writer.ts'
import { unlessBroken } from './broken.ts'
import type { PdfDocument } from './document.ts'
import type { LaterChange } from './later-changes.ts'
import { is, isName, type PdfArray, type PdfDictionary, type PdfObject, type PdfReference } from './objects.ts'
import { readPages } from './pages.ts'
import { serialize } from './serialize.ts'

interface Comparison {
  readonly signed: PdfDocument
  readonly now: PdfDocument
  readonly kinds: Set<LaterChange>
  /** Numbers of the signed document's catalog and pages. */
  readonly root: number
  readonly pages: ReadonlySet<number>
  /** Numbers of the arrays of annotations and fields, and of the form, where they are objects of their own. */
  readonly annotations: ReadonlySet<number>
  readonly fields: number | null
  readonly form: number | null
}

/** Longest stream whose bytes are compared when it was written again. */
const comparedStream = 4 * 2 ** 20

/** Judges objects that were written again, by what they are in the signed document. */
export async function changesIn(
  signed: PdfDocument,
  now: PdfDocument,
  touched: readonly number[],
): Promise<ReadonlySet<LaterChange>> {
  const kinds = new Set<LaterChange>()
  const roots = [signed, now].map(({ xref }) => xref.trailer.entries.get('Root'))
  const [rootBefore, rootAfter] = roots
  if (!is(rootBefore, 'reference') || !is(rootAfter, 'reference') || rootBefore.number !== rootAfter.number) {
    return kinds.add('content')
  }
  const pages = await unlessBroken([], async () => (await readPages(signed)).pages)
  const form = (await signed.catalogOrNull())?.entries.get('AcroForm')
  const fields = (await signed.dictionaryAt(form))?.entries.get('Fields')
  const comparison: Comparison = {
    signed,
    now,
    kinds,
    root: rootBefore.number,
    pages: new Set(pages.map(page => page.reference.number)),
    annotations: new Set(pages.flatMap(page => numberOf(page.dictionary.entries.get('Annots')) ?? [])),
    fields: numberOf(fields),
    form: numberOf(form),
  }
  for (const number of touched) {
    const before = await objectNumbered(signed, number)
    const after = await objectNumbered(now, number)
    if (await isSame(signed, before, now, after)) continue
    await judge(comparison, number, before, after)
  }
  return kinds
}

async function judge(comparison: Comparison, number: number, before: PdfObject, after: PdfObject): Promise<void> {
  const { signed, kinds, pages, root } = comparison
  const info = signed.xref.trailer.entries.get('Info')
  if (is(info, 'reference') && info.number === number) kinds.add('metadata')
  else if (is(before, 'stream') && isName(before.dictionary.entries.get('Type'), 'Metadata')) kinds.add('metadata')
  else if (is(before, 'stream') && isName(before.dictionary.entries.get('Type'), 'XRef')) return
  else if (is(before, 'dictionary') && is(after, 'dictionary')) {
    if (number === root) await judgeCatalog(comparison, before, after)
    else if (pages.has(number)) await judgePage(comparison, before, after)
    else await judgeOther(comparison, number, before, after)
  } else if (is(before, 'array') && is(after, 'array')) await judgeArray(comparison, number, before, after)
  else kinds.add('content')
}

async function judgeCatalog(comparison: Comparison, before: PdfDictionary, after: PdfDictionary): Promise<void> {
  for (const key of changedKeys(before, after)) {
    if (key === 'AcroForm') {
      const form = await comparison.now.dictionaryAt(after.entries.get(key))
      const formBefore = await comparison.signed.dictionaryAt(before.entries.get(key))
      if (form === null) comparison.kinds.add('content')
      else await judgeForm(comparison, formBefore ?? { kind: 'dictionary', entries: new Map() }, form)
    } else if (['DSS', 'Extensions', 'Metadata', 'Version'].includes(key)) comparison.kinds.add('metadata')
    else comparison.kinds.add('content')
  }
}

async function judgeForm(comparison: Comparison, before: PdfDictionary, after: PdfDictionary): Promise<void> {
  for (const key of changedKeys(before, after)) {
    if (key === 'SigFlags') comparison.kinds.add('signatures')
    else if (key === 'Fields') {
      const was = await comparison.signed.arrayAt(before.entries.get(key))
      const now = await comparison.now.arrayAt(after.entries.get(key))
      await judgeAdded(comparison, was?.items ?? [], now?.items ?? [], 'form')
    } else if (['DR', 'DA', 'NeedAppearances'].includes(key)) comparison.kinds.add('form')
    else comparison.kinds.add('content')
  }
}

async function judgePage(comparison: Comparison, before: PdfDictionary, after: PdfDictionary): Promise<void> {
  for (const key of changedKeys(before, after)) {
    if (key !== 'Annots') {
      comparison.kinds.add('content')
      continue
    }
    const was = await comparison.signed.arrayAt(before.entries.get(key))
    const now = await comparison.now.arrayAt(after.entries.get(key))
    await judgeAdded(comparison, was?.items ?? [], now?.items ?? [], 'annotations')
  }
}

/** Fields and annotations may be added; one that is gone or another one now is content. */
async function judgeAdded(
  { signed, now, kinds }: Comparison,
  before: readonly PdfObject[],
  after: readonly PdfObject[],
  kind: LaterChange,
): Promise<void> {
  const known = new Set(before.map(keyOf))
  const present = new Set(after.map(keyOf))
  if ([...known].some(key => !present.has(key))) kinds.add('content')
  for (const item of after) {
    if (known.has(keyOf(item))) continue
    const isNew = is(item, 'reference') && (await signed.object(item)) === null
    const added = await now.dictionaryAt(item)
    const isSignature = isName(await now.resolve(added?.entries.get('FT')), 'Sig')
    kinds.add(isSignature && isNew ? 'signatures' : kind)
  }
}

/** A field, a widget, the form itself, or anything else. */
async function judgeOther(
  comparison: Comparison,
  number: number,
  before: PdfDictionary,
  after: PdfDictionary,
): Promise<void> {
  const { signed, kinds } = comparison
  if (comparison.form === number) {
    await judgeForm(comparison, before, after)
    return
  }
  const keys = changedKeys(before, after)
  const type = await signed.resolve(before.entries.get('FT'))
  const only = (allowed: readonly string[]): boolean => keys.every(key => allowed.includes(key))
  const filled = ['V', 'AP', 'AS', 'M', 'F', 'Rect', 'MK', 'DA', 'I']
  if (isName(type, 'Sig') && (await signed.resolve(before.entries.get('V'))) === null && only(filled)) {
    kinds.add('signatures')
  } else if (isName(type) && type.name !== 'Sig' && only(filled)) kinds.add('form')
  else if (isName(before.entries.get('Subtype'), 'Widget') && only(['AP', 'AS', 'M', 'MK'])) kinds.add('form')
  else kinds.add('content')
}

/** The arrays that hold fields or annotations, when they are objects of their own. */
async function judgeArray(comparison: Comparison, number: number, before: PdfArray, after: PdfArray): Promise<void> {
  if (comparison.fields === number) await judgeAdded(comparison, before.items, after.items, 'form')
  else if (comparison.annotations.has(number)) await judgeAdded(comparison, before.items, after.items, 'annotations')
  else comparison.kinds.add('content')
}

function numberOf(object: PdfObject | undefined): number | null {
  return is(object, 'reference') ? object.number : null
}

async function objectNumbered(document: PdfDocument, number: number): Promise<PdfObject> {
  const entry = document.xref.entries.get(number)
  const at: PdfReference = {
    kind: 'reference',
    number,
    generation: entry?.kind === 'file' ? entry.generation : 0,
  }
  return document.object(at)
}

function changedKeys(before: PdfDictionary, after: PdfDictionary): readonly string[] {
  const keys = new Set([...before.entries.keys(), ...after.entries.keys()])
  return [...keys].filter(key => keyOf(before.entries.get(key) ?? null) !== keyOf(after.entries.get(key) ?? null))
}

async function isSame(signed: PdfDocument, before: PdfObject, now: PdfDocument, after: PdfObject): Promise<boolean> {
  if (!is(before, 'stream') || !is(after, 'stream')) {
    return !is(before, 'stream') && !is(after, 'stream') && keyOf(before) === keyOf(after)
  }
  if (keyOf(before.dictionary) !== keyOf(after.dictionary)) return false
  return unlessBroken(false, async () =>
    sameBytes(await signed.encodedBytes(before, comparedStream), await now.encodedBytes(after, comparedStream)),
  )
}

/** An object as it would be written: equal texts are equal objects. Streams stand alone and never come here. */
function keyOf(object: PdfObject): string {
  return Buffer.from(serialize(object)).toString('latin1')
}
