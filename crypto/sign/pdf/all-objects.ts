import type { PdfDocument } from './document.ts'
import type { PdfObject } from './objects.ts'

/**
 * Every object the cross-reference names, reachable or not, in the order of the file, so that its blocks are read one after
 * the other. Broken ones come as null.
 */
export async function* allObjects(document: PdfDocument): AsyncGenerator<PdfObject> {
  const { entries } = document.xref
  for (const number of inFileOrder(document)) {
    const entry = entries.get(number)
    const generation = entry?.kind === 'file' ? entry.generation : 0
    yield await document.object({ kind: 'reference', number, generation })
  }
}

function inFileOrder({ xref: { entries } }: PdfDocument): readonly number[] {
  const places: { readonly number: number; readonly place: number }[] = []
  for (const number of entries.numbers()) {
    const entry = entries.get(number)
    if (entry === null || entry.kind === 'free') continue
    const holder = entry.kind === 'file' ? entry : entries.get(entry.stream)
    if (holder?.kind === 'file') places.push({ number, place: holder.offset })
  }
  return places.sort((a, b) => a.place - b.place).map(({ number }) => number)
}
