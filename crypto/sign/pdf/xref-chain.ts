import { PdfBroken } from './broken.ts'
import type { DocumentBytes } from './document-bytes.ts'
import { decodeStream } from './filters.ts'
import { limits } from './limits.ts'
import { changed, is, isName, type PdfDictionary, type PdfObject } from './objects.ts'
import { XrefEntries, type XrefEntry } from './xref-entries.ts'
import { readStreamSection } from './xref-stream.ts'
import { readTableSection } from './xref-table.ts'

/** How a document says where its objects are. */
export interface Xref {
  readonly entries: XrefEntries
  /** The newest trailer. */
  readonly trailer: PdfDictionary
  /** The style of the newest section: an update is written in the same. */
  readonly style: 'table' | 'stream'
  /** Whether any section is a table with a stream beside it for newer readers. */
  readonly isHybrid: boolean
  /** Where the newest section begins, for the next one's `Prev`; null when the sections were found by a scan. */
  readonly newest: number | null
  /** How many sections the chain has. */
  readonly sections: number
}

/** How far from the end `startxref` is looked for, in bytes. */
const tail = 4096

/** Follows the chain of cross-reference sections from the end of the document, newest first (7.5.5, 7.5.8). */
export async function readXrefChain(bytes: DocumentBytes): Promise<Xref> {
  const newest = await findStart(bytes)
  const entries = new XrefEntries()
  const seen = new Set<number>()
  let first: Section | null = null
  let isHybrid = false
  for (let offset: number | null = newest; offset !== null;) {
    if (seen.has(offset)) throw new PdfBroken('cross-reference sections in a circle')
    if (seen.size >= limits.sections) throw new PdfBroken('too many cross-reference sections')
    seen.add(offset)
    const section: Section = await readSection(bytes, offset)
    await addSection(bytes, entries, section)
    first ??= section
    isHybrid ||= section.trailer.entries.has('XRefStm')
    offset = offsetIn(section.trailer, 'Prev')
  }
  if (first === null) throw new PdfBroken('no cross-reference section')
  return { entries, trailer: first.trailer, style: first.style, isHybrid, newest, sections: seen.size }
}

interface Section {
  readonly style: 'table' | 'stream'
  readonly rows: ReadonlyMap<number, XrefEntry>
  readonly trailer: PdfDictionary
}

async function findStart(bytes: DocumentBytes): Promise<number> {
  const from = Math.max(0, bytes.size - tail)
  const end = Buffer.from(await bytes.window(from, tail)).toString('latin1')
  const found = /startxref\s*(\d{1,12})/.exec(end.slice(Math.max(0, end.lastIndexOf('startxref'))))
  if (found === null) throw new PdfBroken('startxref is missing')
  return Number(found[1])
}

async function readSection(bytes: DocumentBytes, offset: number): Promise<Section> {
  const start = (await bytes.parse(offset, parser => parser.skipSpace())).end
  if (Buffer.from(await bytes.window(start, 4)).toString('latin1') === 'xref') {
    return { style: 'table', ...(await readTableSection(bytes, start)) }
  }
  return readStreamAt(bytes, start)
}

async function readStreamAt(bytes: DocumentBytes, offset: number): Promise<Section> {
  const { value: trailer, end } = await bytes.parse(offset, parser => {
    parser.header()
    const read = parser.dictionary()
    if (!parser.streamBegins() || !isName(read.entries.get('Type'), 'XRef')) {
      throw new PdfBroken('no cross-reference section where one should be')
    }
    return read
  })
  const length = trailer.entries.get('Length')
  if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0 || length > limits.decoded) {
    throw new PdfBroken('a cross-reference stream of unknown length')
  }
  const encoded = await bytes.window(end, length)
  bytes.spend(length)
  const rows = readStreamSection(trailer, decodeStream(trailer, encoded, limits.decoded))
  return { style: 'stream', rows, trailer: withoutStreamKeys(trailer) }
}

/** A trailer that came as a stream's dictionary, without what is only the stream's. */
export function withoutStreamKeys(trailer: PdfDictionary): PdfDictionary {
  const keys = ['Type', 'W', 'Index', 'Length', 'Filter', 'DecodeParms', 'F', 'FFilter', 'FDecodeParms', 'DL']
  return changed(trailer, Object.fromEntries(keys.map(key => [key, undefined])))
}

/**
 * In a hybrid file the objects for newer readers are free in the table and entered in the stream beside it (7.5.8.4): the
 * table's free rows count last.
 */
async function addSection(bytes: DocumentBytes, entries: XrefEntries, section: Section): Promise<void> {
  for (const [number, entry] of section.rows) if (entry.kind !== 'free') entries.addOlder(number, entry)
  const beside = offsetIn(section.trailer, 'XRefStm')
  if (beside !== null) {
    const start = (await bytes.parse(beside, parser => parser.skipSpace())).end
    for (const [number, entry] of (await readStreamAt(bytes, start)).rows) entries.addOlder(number, entry)
  }
  for (const [number, entry] of section.rows) if (entry.kind === 'free') entries.addOlder(number, entry)
}

function offsetIn({ entries }: PdfDictionary, key: 'Prev' | 'XRefStm'): number | null {
  const value: PdfObject | undefined = entries.get(key)
  if (value === undefined || value === null) return null
  // A reference is met where only a number may be.
  if (is(value, 'reference')) return value.number
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new PdfBroken(`${key} is no offset`)
  return value
}
