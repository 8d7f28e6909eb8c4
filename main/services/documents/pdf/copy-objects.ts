import { PDFArray, PDFDict, PDFInvalidObject, PDFName, PDFNull, PDFRawStream, PDFRef, PDFStream } from 'pdf-lib'
import type { PDFContext, PDFObject } from 'pdf-lib'
import { AppFailure } from '../../../contract/failure.ts'
import type { PdfFile } from './pdf-file.ts'

/** Copies objects of one document into another. What they refer to comes along; what the document's own tree is doesn't. */
export interface ObjectCopier {
  /** The copy of an object; what it refers to is copied by `drain`. */
  copy(object: PDFObject): PDFObject
  /** Says what stands for a page of the document from now on. */
  replacePage(ref: PDFRef, by: PDFRef): void
  /** Writes everything that copies refer to. */
  drain(): Promise<void>
}

/** Deepest nesting of arrays and dictionaries. */
const deepest = 100

/** Entries that start something, point back up the tree, or tell about the file rather than show something. */
const dropped = new Set([
  'AA',
  'JS',
  'OpenAction',
  'StructParent',
  'StructParents',
  'PieceInfo',
  'Metadata',
  'OC',
  'Length',
])

/** A copier from `source` into `target`. */
export function objectCopier(source: PDFContext, target: PdfFile): ObjectCopier {
  const known = new Map<PDFRef, PDFRef>()
  const waiting: (readonly [PDFRef, PDFObject])[] = []

  function copyRef(ref: PDFRef): PDFObject {
    const before = known.get(ref)
    if (before !== undefined) return before
    const object = source.lookup(ref)
    // A page that is not in the page tree, or the tree itself: nothing that is shown.
    if (object === undefined || object === PDFNull || isTree(object)) return PDFNull
    const copied = target.context.nextRef()
    known.set(ref, copied)
    waiting.push([copied, object])
    return copied
  }

  function copyDict(dict: PDFDict, depth: number): PDFDict {
    const copied = PDFDict.withContext(target.context)
    for (const [key, value] of dict.entries()) {
      if (!dropped.has(key.decodeText())) copied.set(key, copy(value, depth + 1))
    }
    return copied
  }

  function copy(object: PDFObject, depth = 0): PDFObject {
    if (depth > deepest) throw new AppFailure('input.unreadable', 'PDF: nested deeper than any honest one')
    if (object instanceof PDFRef) return copyRef(object)
    if (object instanceof PDFInvalidObject) return PDFNull
    if (object instanceof PDFDict) return copyDict(object, depth)
    if (object instanceof PDFRawStream) return PDFRawStream.of(copyDict(object.dict, depth), object.contents)
    if (object instanceof PDFStream) return PDFRawStream.of(copyDict(object.dict, depth), object.getContents())
    if (object instanceof PDFArray) {
      const copied = PDFArray.withContext(target.context)
      for (const item of object.asArray()) copied.push(copy(item, depth + 1))
      return copied
    }
    return object
  }

  return {
    copy,
    replacePage(ref, by) {
      known.set(ref, by)
    },
    async drain() {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
        await target.write(next[0], copy(next[1]))
    },
  }
}

const tree = new Set(['Page', 'Pages', 'Catalog', 'StructTreeRoot', 'StructElem'])

function isTree(object: PDFObject): boolean {
  const type = object instanceof PDFDict ? object.get(PDFName.of('Type')) : undefined
  return type instanceof PDFName && tree.has(type.decodeText())
}
