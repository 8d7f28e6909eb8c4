import type { ByteSource } from '../../io/source.ts'
import { PdfBroken, tooMuch, unlessBroken } from './broken.ts'
import type { DocumentBytes } from './document-bytes.ts'
import { decodeStream } from './filters.ts'
import { readHeader } from './header.ts'
import { limits } from './limits.ts'
import { ObjectStream } from './object-stream.ts'
import {
  is,
  isName,
  type PdfArray,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  type PdfStream,
} from './objects.ts'
import { findEndOfStream } from './stream-end.ts'
import { readXrefChain, type Xref } from './xref-chain.ts'
import { rebuildXref } from './xref-rebuild.ts'

const keptObjects = 512
const keptObjectLength = 32 * 1024
const keptStreams = 3

/** Deepest chain of lengths that are looked up while an object is being read. */
const maxLookups = 4

/** A PDF that can be asked for its objects. Holds little of it in memory; the source stays the caller's. */
export class PdfDocument {
  readonly source: ByteSource
  readonly bytes: DocumentBytes
  /** Bytes before `%PDF-`; every offset of the document counts from there. */
  readonly headerOffset: number
  /** As the header says it: `1.7`. */
  readonly version: string
  readonly xref: Xref
  /** Whether an object could not be read, or stood elsewhere than the cross-reference says. */
  hasBrokenObjects = false
  readonly #objects = new Map<number, PdfObject>()
  readonly #streams = new Map<number, ObjectStream>()
  #decodedLeft: number = limits.decodedTotal
  #lookups = 0

  private constructor(source: ByteSource, bytes: DocumentBytes, headerOffset: number, version: string, xref: Xref) {
    this.source = source
    this.bytes = bytes
    this.headerOffset = headerOffset
    this.version = version
    this.xref = xref
  }

  /**
   * Opens a document. A broken cross-reference is found anew by a scan. Throws `input.unreadable` for what is no PDF, or
   * so broken that no catalog can be found.
   */
  static async open(source: ByteSource): Promise<PdfDocument> {
    const { bytes, offset, version } = await readHeader(source)
    const regular = await unlessBroken(null, async () => {
      const document = new PdfDocument(source, bytes, offset, version, await readXrefChain(bytes))
      return (await document.hasPages()) ? document : null
    })
    return regular ?? PdfDocument.openByScan(source)
  }

  /** Opens a document whose cross-reference is not believed. Throws as {@link PdfDocument.open}. */
  static async openByScan(source: ByteSource): Promise<PdfDocument> {
    const { bytes, offset, version } = await readHeader(source)
    const { objectStreams, ...xref } = await rebuildXref(bytes)
    const document = new PdfDocument(source, bytes, offset, version, xref)
    if (document.isEncrypted) return document
    await document.#enterObjectStreams(objectStreams)
    if ((await document.catalogOrNull()) === null) throw new PdfBroken('no catalog: the document has no beginning')
    return document
  }

  /** Whether the strings and streams are encrypted. Nothing of such a document is read. */
  get isEncrypted(): boolean {
    const encrypt = this.xref.trailer.entries.get('Encrypt')
    return encrypt !== undefined && encrypt !== null
  }

  /** The document's catalog. */
  async catalog(): Promise<PdfDictionary> {
    const catalog = await this.catalogOrNull()
    if (catalog === null) throw new PdfBroken('no catalog: the document has no beginning')
    return catalog
  }

  async catalogOrNull(): Promise<PdfDictionary | null> {
    const root = await this.resolve(this.xref.trailer.entries.get('Root'))
    return is(root, 'dictionary') ? root : null
  }

  /** What a reference leads to, through references that lead to references; anything else as it is. Missing is null. */
  async resolve(object: PdfObject | undefined): Promise<PdfObject> {
    let current: PdfObject = object ?? null
    for (let steps = 0; is(current, 'reference'); steps += 1) {
      if (steps > 8) return null
      current = await this.object(current)
    }
    return current
  }

  async dictionaryAt(object: PdfObject | undefined): Promise<PdfDictionary | null> {
    const value = await this.resolve(object)
    return is(value, 'dictionary') ? value : null
  }

  async arrayAt(object: PdfObject | undefined): Promise<PdfArray | null> {
    const value = await this.resolve(object)
    return is(value, 'array') ? value : null
  }

  /** The object of a number; null when it is free, missing, of another generation or broken (7.3.10). */
  async object({ number, generation }: PdfReference): Promise<PdfObject> {
    const entry = this.xref.entries.get(number)
    if (entry === null || entry.kind === 'free') return null
    const known = this.#objects.get(number)
    if (known !== undefined) return known
    return unlessBrokenNoting(this, async () => {
      if (entry.kind === 'file' && entry.generation !== generation) return null
      const found =
        entry.kind === 'file'
          ? await this.#objectAt(entry.offset, number)
          : (await this.#objectStream(entry.stream)).object(number)
      if (found === null) return null
      const { value, length } = found
      if (entry.kind === 'stream') this.bytes.spend(length)
      if (length <= keptObjectLength) this.#keep(number, value)
      return value
    })
  }

  /** The bytes of a stream as they stand in the document. */
  async encodedBytes(stream: PdfStream, limit: number): Promise<Uint8Array> {
    if (stream.data.at === 'hand') return stream.data.bytes
    const { offset } = stream.data
    const length = await this.#lengthOf(stream, offset)
    if (length > limit) throw new PdfBroken('a stream too long')
    this.bytes.spend(length)
    return this.bytes.window(offset, length)
  }

  /** The bytes of a stream, decoded; only filters the file's structure uses. */
  async decodedBytes(stream: PdfStream, limit: number): Promise<Uint8Array> {
    const decoded = decodeStream(stream.dictionary, await this.encodedBytes(stream, limit), limit)
    this.#decodedLeft -= decoded.length
    if (this.#decodedLeft < 0) throw tooMuch('too much compressed data')
    return decoded
  }

  async hasPages(): Promise<boolean> {
    if (this.isEncrypted) return true
    const catalog = await this.catalogOrNull()
    const pages = await this.dictionaryAt(catalog?.entries.get('Pages'))
    return (await this.arrayAt(pages?.entries.get('Kids'))) !== null
  }

  async #objectAt(offset: number, number: number): Promise<{ readonly value: PdfObject; readonly length: number }> {
    const { value, end } = await this.bytes.parse(offset, parser => {
      if (parser.header().number !== number) throw new PdfBroken('another object than the cross-reference says')
      const object = parser.object()
      if (!is(object, 'dictionary') || !parser.streamBegins()) return { object, isStream: false }
      return { object, isStream: true }
    })
    const { object, isStream } = value
    if (!isStream || !is(object, 'dictionary')) return { value: object, length: end - offset }
    return {
      value: { kind: 'stream', dictionary: object, data: { at: 'document', offset: end } },
      length: end - offset,
    }
  }

  /** A length that does not lead to `endstream` is not believed. */
  async #lengthOf({ dictionary }: PdfStream, offset: number): Promise<number> {
    const said = dictionary.entries.get('Length')
    let length = said
    if (is(said, 'reference')) {
      this.#lookups += 1
      try {
        length = this.#lookups > maxLookups ? null : await this.resolve(said)
      } finally {
        this.#lookups -= 1
      }
    }
    return findEndOfStream(this.bytes, offset, typeof length === 'number' ? length : null)
  }

  async #objectStream(number: number): Promise<ObjectStream> {
    const known = this.#streams.get(number)
    if (known !== undefined) return known
    this.#streams.set(number, ObjectStream.empty)
    try {
      const objects = await this.#readObjectStream(number)
      this.#streams.delete(number)
      this.#streams.set(number, objects)
      for (const oldest of this.#streams.keys()) {
        if (this.#streams.size <= keptStreams) break
        this.#streams.delete(oldest)
      }
      return objects
    } catch (error) {
      this.#streams.delete(number)
      throw error
    }
  }

  async #readObjectStream(number: number): Promise<ObjectStream> {
    const entry = this.xref.entries.get(number)
    // An object stream within another is forbidden (7.5.7), and would be a circle.
    if (entry?.kind !== 'file') throw new PdfBroken('an object stream that is not in the file itself')
    const { value } = await this.#objectAt(entry.offset, number)
    if (!is(value, 'stream') || !isName(value.dictionary.entries.get('Type'), 'ObjStm')) {
      throw new PdfBroken('no object stream where one should be')
    }
    return ObjectStream.read(value.dictionary, await this.decodedBytes(value, limits.decoded))
  }

  /** After a scan: what the object streams hold, where no object of that number stands in the file itself. */
  async #enterObjectStreams(numbers: readonly number[]): Promise<void> {
    for (const stream of numbers) {
      await unlessBroken(undefined, async () => {
        const held = (await this.#readObjectStream(stream)).numbers()
        for (const [index, number] of held.entries()) {
          const present = this.xref.entries.get(number)
          if (present?.kind !== 'file') this.xref.entries.set(number, { kind: 'stream', stream, index })
        }
      })
    }
  }

  #keep(number: number, value: PdfObject): void {
    this.#objects.set(number, value)
    if (this.#objects.size <= keptObjects) return
    const [oldest] = this.#objects.keys()
    if (oldest !== undefined) this.#objects.delete(oldest)
  }
}

async function unlessBrokenNoting(document: PdfDocument, run: () => Promise<PdfObject>): Promise<PdfObject> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof PdfBroken)) throw error
    document.hasBrokenObjects = true
    return null
  }
}
