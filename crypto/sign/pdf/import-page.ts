import { deflateSync } from 'node:zlib'
import { bytesSource } from '../../io/source.ts'
import { PdfBroken } from './broken.ts'
import { PdfDocument } from './document.ts'
import type { Increment } from './increment.ts'
import { limits } from './limits.ts'
import { array, is, name, type PdfDictionary, type PdfObject, type PdfReference, stream } from './objects.ts'
import { readPages } from './pages.ts'

/** Longest drawing, decoded, in bytes. */
const maxContents = 2 * 2 ** 20

/**
 * Takes the first page of a document into another as a form: its contents become one stream, its resources are copied with
 * everything they lead to. Answers the form, whose box is the page's.
 */
export async function importFirstPage(increment: Increment, pdf: Uint8Array): Promise<PdfReference> {
  const document = await PdfDocument.open(bytesSource(pdf))
  const [page] = (await readPages(document)).pages
  if (page === undefined) throw new PdfBroken('a drawing without a page')
  const copy: Copy = { document, increment, copied: new Map() }
  const { left, bottom, right, top } = page.mediaBox
  return increment.add(
    stream(
      {
        Type: name('XObject'),
        Subtype: name('Form'),
        BBox: array([left, bottom, right, top]),
        Resources: await copied(copy, page.resources, 0),
        Filter: name('FlateDecode'),
      },
      deflateSync(await contentsOf(document, page.dictionary)),
    ),
  )
}

interface Copy {
  readonly document: PdfDocument
  readonly increment: Increment
  /** New numbers of objects that have been taken over, by their old ones. */
  readonly copied: Map<number, PdfReference>
}

async function contentsOf(document: PdfDocument, page: PdfDictionary): Promise<Uint8Array> {
  const contents = await document.resolve(page.entries.get('Contents'))
  const parts: Uint8Array[] = []
  for (const item of is(contents, 'array') ? contents.items : [contents]) {
    const part = await document.resolve(item)
    if (is(part, 'stream')) parts.push(await document.decodedBytes(part, maxContents), Uint8Array.of(0x0a))
  }
  return Buffer.concat(parts)
}

async function copied(copy: Copy, object: PdfObject, depth: number): Promise<PdfObject> {
  if (depth > limits.depth) throw new PdfBroken('nested too deeply')
  if (object === null || typeof object !== 'object') return object
  switch (object.kind) {
    case 'name':
    case 'string':
      return object
    case 'array': {
      const items: PdfObject[] = []
      for (const item of object.items) items.push(await copied(copy, item, depth + 1))
      return array(items)
    }
    case 'dictionary':
      return copiedDictionary(copy, object, depth)
    case 'reference':
      return copiedReference(copy, object, depth)
    case 'stream': {
      const bytes = await copy.document.encodedBytes(object, limits.decoded)
      const dictionaryCopy = await copiedDictionary(copy, object.dictionary, depth)
      return { kind: 'stream', dictionary: dictionaryCopy, data: { at: 'hand', bytes } }
    }
  }
}

async function copiedDictionary(copy: Copy, { entries }: PdfDictionary, depth: number): Promise<PdfDictionary> {
  const fresh = new Map<string, PdfObject>()
  // The length is written from the bytes.
  for (const [key, value] of entries) if (key !== 'Length') fresh.set(key, await copied(copy, value, depth + 1))
  return { kind: 'dictionary', entries: fresh }
}

async function copiedReference(copy: Copy, at: PdfReference, depth: number): Promise<PdfReference> {
  const known = copy.copied.get(at.number)
  if (known !== undefined) return known
  const fresh = copy.increment.reserve()
  copy.copied.set(at.number, fresh)
  copy.increment.put(fresh, await copied(copy, await copy.document.object(at), depth + 1))
  return fresh
}
