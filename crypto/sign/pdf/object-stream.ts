import { PdfBroken } from './broken.ts'
import { limits } from './limits.ts'
import type { PdfDictionary, PdfObject } from './objects.ts'
import { PdfParser } from './parser.ts'

/** A decoded object stream (ISO 32000-1, 7.5.7). Its objects are parsed when they are asked for. */
export class ObjectStream {
  readonly #data: Uint8Array
  readonly #offsets: ReadonlyMap<number, number>

  private constructor(data: Uint8Array, offsets: ReadonlyMap<number, number>) {
    this.#data = data
    this.#offsets = offsets
  }

  static read({ entries }: PdfDictionary, data: Uint8Array): ObjectStream {
    const count = entries.get('N')
    const first = entries.get('First')
    if (typeof count !== 'number' || typeof first !== 'number' || count < 0 || count > limits.array || first < 0) {
      throw new PdfBroken('an object stream without its form')
    }
    const offsets = new Map<number, number>()
    const parser = new PdfParser(data, true)
    for (let index = 0; index < count; index += 1) {
      const number = parser.wholeNumber()
      const offset = first + parser.wholeNumber()
      if (!offsets.has(number)) offsets.set(number, offset)
    }
    return new ObjectStream(data, offsets)
  }

  /** While a stream is being read, whatever asks for it (its own length, for instance) finds nothing. */
  static readonly empty = new ObjectStream(new Uint8Array(0), new Map())

  numbers(): readonly number[] {
    return [...this.#offsets.keys()]
  }

  /** The object of a number and how many bytes it takes; null when it is not here. Throws `PdfBroken`. */
  object(number: number): { readonly value: PdfObject; readonly length: number } | null {
    const offset = this.#offsets.get(number)
    if (offset === undefined) return null
    const parser = new PdfParser(this.#data, true, offset)
    const value = parser.object()
    return { value, length: parser.position - offset }
  }
}
