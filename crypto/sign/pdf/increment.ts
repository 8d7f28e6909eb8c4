import { createHash } from 'node:crypto'
import { CryptoFailure } from '../../errors.ts'
import type { PdfDocument } from './document.ts'
import { limits } from './limits.ts'
import { array, changed, is, type PdfObject, type PdfReference, reference, string } from './objects.ts'
import { latin1, serialize, serializeIndirect } from './serialize.ts'
import { writeStreamSection, writeTableSection, type WrittenEntry } from './xref-write.ts'

/** What is appended to a document: its bytes, and where in the whole file its objects begin. */
export interface WrittenIncrement {
  readonly bytes: Uint8Array
  /** Offsets in the whole file of what stands after `n g obj`, by object number. */
  readonly bodyOffsets: ReadonlyMap<number, number>
}

/**
 * Objects to be appended to a document (ISO 32000-1, 7.5.6): new ones, and new versions of old ones. Held in memory until
 * they are written; the document itself is not touched.
 */
export class Increment {
  readonly #document: PdfDocument
  readonly #objects = new Map<number, { readonly generation: number; readonly body: Uint8Array }>()
  #nextNumber: number

  constructor(document: PdfDocument) {
    this.#document = document
    const { entries, trailer } = document.xref
    const size = trailer.entries.get('Size')
    const said = typeof size === 'number' && Number.isInteger(size) && size <= limits.objectNumber ? size : 0
    this.#nextNumber = Math.max(said, entries.highest() + 1, 1)
  }

  /** A number no object of the document has. */
  reserve(): PdfReference {
    if (this.#nextNumber >= limits.objectNumber) throw new CryptoFailure('input.unreadable', 'PDF: no number is left')
    this.#nextNumber += 1
    return reference(this.#nextNumber - 1)
  }

  /** Sets what stands under a reserved number, or the new version of an object of the document. */
  put(at: PdfReference, object: PdfObject): void {
    this.putBytes(at, serialize(object))
  }

  /** The same for an object whose bytes the caller writes. */
  putBytes(at: PdfReference, body: Uint8Array): void {
    this.#objects.set(at.number, { generation: at.generation, body })
  }

  /** A new object under a new number. */
  add(object: PdfObject): PdfReference {
    const at = this.reserve()
    this.put(at, object)
    return at
  }

  /**
   * The bytes to append to the document: objects, a cross-reference section in the document's own style, the trailer. Where
   * the document's cross-reference is broken, the section names every object and leads to none before it.
   */
  write(): WrittenIncrement {
    const { source, xref } = this.#document
    const start = source.size
    const pieces: Uint8Array[] = [latin1('\n')]
    let at = start + 1
    const written = new Map<number, WrittenEntry>()
    const bodyOffsets = new Map<number, number>()
    for (const [number, { generation, body }] of this.#objects) {
      const piece = serializeIndirect(number, generation, body)
      written.set(number, { kind: 'file', offset: at, generation })
      bodyOffsets.set(number, at + piece.length - body.length - '\nendobj\n'.length)
      pieces.push(piece)
      at += piece.length
    }
    const section = xref.style === 'table' ? writeTableSection : writeStreamSection
    const streamAt = xref.style === 'table' ? null : this.reserve()
    if (streamAt !== null) written.set(streamAt.number, { kind: 'file', offset: at, generation: 0 })
    const trailer = changed(xref.trailer, {
      Size: this.#nextNumber,
      Prev: xref.newest ?? undefined,
      XRefStm: undefined,
      ID: this.#identifiers(),
    })
    const rows = xref.newest === null ? this.#allRows(written) : written
    pieces.push(section(rows, trailer, streamAt), latin1(`startxref\n${at}\n%%EOF\n`))
    return { bytes: Buffer.concat(pieces), bodyOffsets }
  }

  #allRows(written: ReadonlyMap<number, WrittenEntry>): ReadonlyMap<number, WrittenEntry> {
    const { entries } = this.#document.xref
    const all = new Map<number, WrittenEntry>()
    for (const number of entries.numbers()) {
      const entry = entries.get(number)
      if (entry !== null && entry.kind !== 'free') all.set(number, entry)
    }
    for (const [number, entry] of written) all.set(number, entry)
    return all
  }

  /** The first identifier stays for ever, the second is another with every save (14.4). */
  #identifiers(): PdfObject {
    const present = this.#document.xref.trailer.entries.get('ID')
    const [first, second] = is(present, 'array') ? present.items : []
    const hash = createHash('sha256').update(String(this.#document.source.size))
    if (is(second, 'string')) hash.update(second.bytes)
    for (const { body } of this.#objects.values()) hash.update(body)
    const fresh = string(Uint8Array.from(hash.digest().subarray(0, 16)))
    return array([is(first, 'string') ? first : fresh, fresh])
  }
}
