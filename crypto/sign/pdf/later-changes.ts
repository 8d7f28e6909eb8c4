import { allObjects } from './all-objects.ts'
import type { PdfDocument } from './document.ts'
import { changesIn } from './object-changes.ts'
import type { PdfObject } from './objects.ts'
import type { XrefEntry } from './xref-entries.ts'

/**
 * What was changed after a signature, by kind. `signatures` alone is what the next signers do; `annotations` are marks,
 * stamps and notes; `form` filled-in fields; `metadata` title, dates, evidence for later checks; `content` is everything
 * else, above all what is read on the pages.
 */
export type LaterChange = 'signatures' | 'annotations' | 'form' | 'metadata' | 'content'

/** The kinds of changes, none twice, in the order above. */
export type LaterChanges = readonly LaterChange[]

const order: LaterChanges = ['signatures', 'annotations', 'form', 'metadata', 'content']

/** Most changed objects that are looked at; more of them are `content`. */
const mostChanged = 20_000

/** Compares a signed revision of a document with the document: object by object, whatever was written anew. */
export async function laterChanges(signed: PdfDocument, now: PdfDocument): Promise<LaterChanges> {
  const touched = touchedObjects(signed, now)
  if (touched === null || now.isEncrypted || now.xref.newest === null) return ['content']
  const kinds = new Set(await changesIn(signed, now, touched))
  if (await fillsHoles(signed, now)) kinds.add('content')
  return order.filter(kind => kinds.has(kind))
}

/**
 * Whether an object has appeared that the signed document refers to and did not have: what was nothing when it was signed
 * would be something now.
 */
async function fillsHoles(signed: PdfDocument, now: PdfDocument): Promise<boolean> {
  const appeared = new Set<number>()
  for (const number of now.xref.entries.numbers()) {
    if (now.xref.entries.get(number)?.kind === 'free') continue
    const before = signed.xref.entries.get(number)
    if (before === null || before.kind === 'free') appeared.add(number)
  }
  if (appeared.size === 0) return false
  for await (const object of allObjects(signed)) if (refersTo(object, appeared)) return true
  return false
}

function refersTo(object: PdfObject, numbers: ReadonlySet<number>): boolean {
  if (object === null || typeof object !== 'object') return false
  switch (object.kind) {
    case 'reference':
      return numbers.has(object.number)
    case 'array':
      return object.items.some(item => refersTo(item, numbers))
    case 'dictionary':
      return [...object.entries.values()].some(value => refersTo(value, numbers))
    case 'stream':
      return refersTo(object.dictionary, numbers)
    default:
      return false
  }
}

/** Numbers of objects that were there and stand elsewhere or nowhere now; null when there are too many. */
function touchedObjects(signed: PdfDocument, now: PdfDocument): readonly number[] | null {
  const touched: number[] = []
  for (const number of signed.xref.entries.numbers()) {
    const before = signed.xref.entries.get(number)
    if (before === null || before.kind === 'free') continue
    if (isSamePlace(signed, now, before, now.xref.entries.get(number))) continue
    touched.push(number)
    if (touched.length > mostChanged) return null
  }
  return touched
}

function isSamePlace(signed: PdfDocument, now: PdfDocument, before: XrefEntry, after: XrefEntry | null): boolean {
  if (before.kind === 'file') {
    return after?.kind === 'file' && after.offset === before.offset && after.generation === before.generation
  }
  if (before.kind !== 'stream' || after?.kind !== 'stream' || after.stream !== before.stream) return false
  const holderBefore = signed.xref.entries.get(before.stream)
  const holderAfter = now.xref.entries.get(after.stream)
  return holderBefore?.kind === 'file' && holderAfter?.kind === 'file' && holderBefore.offset === holderAfter.offset
}
