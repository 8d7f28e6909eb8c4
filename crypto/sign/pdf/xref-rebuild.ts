import { PdfBroken, unlessBroken } from './broken.ts'
import type { DocumentBytes } from './document-bytes.ts'
import { changed, dictionary, is, isName, type PdfDictionary, reference } from './objects.ts'
import { withoutStreamKeys, type Xref } from './xref-chain.ts'
import { XrefEntries } from './xref-entries.ts'

const block = 1024 * 1024

/** Longer than anything the scan looks for. */
const overlap = 64

/** Object headers, trailers, and the types of objects that say something about the whole document. */
const marks =
  /(?<![0-9])(\d{1,8})[\0\t\n\f\r ]{1,8}(\d{1,5})[\0\t\n\f\r ]{1,8}obj(?![a-z])|\btrailer(?![a-z])|\/Type[\0\t\n\f\r ]{0,8}\/(ObjStm|XRef|Catalog)(?![A-Za-z])/g

/** What was seen in a scan from the first byte to the last. */
interface Scan {
  readonly entries: XrefEntries
  readonly trailers: number[]
  /** Offsets of the objects of these types, by number; the last of a number counts. */
  readonly ofType: { readonly [type in 'ObjStm' | 'XRef' | 'Catalog']: Map<number, number> }
}

/** Where the objects are in a document whose cross-reference is broken, and which are object streams. */
export interface Rebuilt extends Xref {
  readonly objectStreams: readonly number[]
}

/**
 * Finds the objects by their headers, in the whole document, streamed: the last of each number counts. The trailer is put
 * together of all that are found; without one, the last catalog is the root.
 */
export async function rebuildXref(bytes: DocumentBytes): Promise<Rebuilt> {
  const scan = await scanMarks(bytes)
  if (scan.entries.size === 0) throw new PdfBroken('no object in the whole file')
  let trailer = dictionary({})
  const found: PdfDictionary[] = []
  for (const offset of scan.trailers) {
    const read = await unlessBroken(null, async () => (await bytes.parse(offset, parser => parser.dictionary())).value)
    if (read !== null) found.push(read)
  }
  for (const offset of scan.ofType.XRef.values()) {
    const read = await unlessBroken(null, async () => {
      const { value } = await bytes.parse(offset, parser => {
        parser.header()
        return parser.dictionary()
      })
      return isName(value.entries.get('Type'), 'XRef') ? withoutStreamKeys(value) : null
    })
    if (read !== null) found.push(read)
  }
  for (const one of found) {
    for (const key of ['Root', 'Info', 'ID', 'Encrypt']) {
      const value = one.entries.get(key)
      if (value !== undefined) trailer = changed(trailer, { [key]: value })
    }
  }
  const [lastCatalog] = [...scan.ofType.Catalog.keys()].slice(-1)
  const root = trailer.entries.get('Root')
  if ((!is(root, 'reference') || scan.entries.get(root.number) === null) && lastCatalog !== undefined) {
    trailer = changed(trailer, { Root: reference(lastCatalog) })
  }
  const objectStreams = [...scan.ofType.ObjStm.keys()]
  return {
    entries: scan.entries,
    trailer: changed(trailer, { Size: scan.entries.highest() + 1 }),
    style: objectStreams.length > 0 ? 'stream' : 'table',
    isHybrid: false,
    newest: null,
    sections: 0,
    objectStreams,
  }
}

async function scanMarks(bytes: DocumentBytes): Promise<Scan> {
  const scan: Scan = {
    entries: new XrefEntries(),
    trailers: [],
    ofType: { ObjStm: new Map(), XRef: new Map(), Catalog: new Map() },
  }
  let last: { readonly number: number; readonly offset: number } | null = null
  for (let start = 0; start < bytes.size; start += block) {
    const before = Math.min(start, overlap)
    const window = Buffer.from(await bytes.window(start - before, block + before)).toString('latin1')
    bytes.spend(block)
    const isLast = start + block >= bytes.size
    for (const match of window.matchAll(marks)) {
      const offset = start - before + match.index
      // What ends in the overlap was seen with the block before; what touches the end is seen whole with the next one.
      if (match.index + match[0].length < before) continue
      if (!isLast && match.index + match[0].length === window.length) continue
      const [whole, number, generation, type] = match
      if (number !== undefined && generation !== undefined) {
        last = { number: Number(number), offset }
        scan.entries.set(last.number, { kind: 'file', offset, generation: Number(generation) })
      } else if (type === 'ObjStm' || type === 'XRef' || type === 'Catalog') {
        if (last === null) continue
        scan.ofType[type].delete(last.number)
        scan.ofType[type].set(last.number, last.offset)
      } else if (scan.trailers.length < 4096) scan.trailers.push(offset + whole.length)
    }
  }
  return scan
}
