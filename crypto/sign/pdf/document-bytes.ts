import { type ByteSource, rangeSource } from '../../io/source.ts'
import { PdfBroken, tooMuch } from './broken.ts'
import { limits } from './limits.ts'
import { PdfParser, WindowEnd } from './parser.ts'

const block = 64 * 1024
const keptBlocks = 64

/** First try of how long an object is, in bytes. */
const firstWindow = 1024

/** What it costs to look anywhere at all, in bytes. */
const costOfLook = 64

/**
 * A document's bytes from its header on, read in blocks of which a few are kept, so that a file of any length costs little
 * memory. Every byte parsed counts: a document that has its bytes parsed over and over is given up.
 */
export class DocumentBytes {
  readonly #source: ByteSource
  readonly #blocks = new Map<number, Uint8Array>()
  readonly size: number
  #workLeft: number

  constructor(source: ByteSource, headerOffset: number) {
    this.#source = headerOffset === 0 ? source : rangeSource(source, headerOffset, source.size - headerOffset)
    this.size = this.#source.size
    this.#workLeft = 64 * 2 ** 20 + 16 * this.size
  }

  /** Up to `length` bytes from `offset`, fewer at the end. The caller must not change them. */
  async window(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(this.size, offset + length)
    if (offset < 0 || offset >= end) return new Uint8Array(0)
    const first = Math.floor(offset / block)
    const last = Math.floor((end - 1) / block)
    if (first === last) {
      const bytes = await this.#block(first)
      return bytes.subarray(offset - first * block, end - first * block)
    }
    const whole = new Uint8Array(end - offset)
    if (last - first > keptBlocks / 2) {
      await this.#source.read(offset, whole)
      return whole
    }
    for (let index = first; index <= last; index += 1) {
      const bytes = await this.#block(index)
      const start = index * block
      const from = Math.max(offset, start)
      whole.set(bytes.subarray(from - start, Math.min(end, start + block) - start), from - offset)
    }
    return whole
  }

  /** Parses at `offset`; the window grows until the parser has all it needs. Answers what it answers, and where it ends. */
  async parse<T>(offset: number, read: (parser: PdfParser) => T): Promise<{ readonly value: T; readonly end: number }> {
    if (offset < 0 || offset >= this.size) throw new PdfBroken('a place outside the file')
    for (let length = firstWindow; ; length *= 4) {
      const bytes = await this.window(offset, length)
      const isLast = offset + bytes.length === this.size
      const parser = new PdfParser(bytes, isLast)
      try {
        const value = read(parser)
        this.spend(parser.position + costOfLook)
        return { value, end: offset + parser.position }
      } catch (error) {
        this.spend(bytes.length)
        if (!(error instanceof WindowEnd)) throw error
        if (isLast || length >= limits.object) throw new PdfBroken('an object too long', error)
      }
    }
  }

  /** Counts bytes looked at. */
  spend(bytes: number): void {
    this.#workLeft -= bytes
    if (this.#workLeft < 0) throw tooMuch('the same bytes are asked for again and again')
  }

  async #block(index: number): Promise<Uint8Array> {
    const known = this.#blocks.get(index)
    if (known !== undefined) {
      this.#blocks.delete(index)
      this.#blocks.set(index, known)
      return known
    }
    const bytes = new Uint8Array(Math.min(block, this.size - index * block))
    await this.#source.read(index * block, bytes)
    this.#blocks.set(index, bytes)
    if (this.#blocks.size > keptBlocks) {
      const [oldest] = this.#blocks.keys()
      if (oldest !== undefined) this.#blocks.delete(oldest)
    }
    return bytes
  }
}
