import { tooMuch } from './broken.ts'
import { limits } from './limits.ts'

/** Where an object is: in the file, or in an object stream. */
export type XrefEntry =
  | { readonly kind: 'free' }
  | { readonly kind: 'file'; readonly offset: number; readonly generation: number }
  | { readonly kind: 'stream'; readonly stream: number; readonly index: number }

const generations = 65_536
const indexes = 2 ** 22

/** Where the objects are, by number. An entry is one number each: large documents have hundreds of thousands. */
export class XrefEntries {
  readonly #entries = new Map<number, number>()

  get(number: number): XrefEntry | null {
    const packed = this.#entries.get(number)
    if (packed === undefined) return null
    if (Number.isNaN(packed)) return { kind: 'free' }
    if (packed >= 0) {
      return { kind: 'file', offset: Math.floor(packed / generations), generation: packed % generations }
    }
    const value = -packed - 1
    return { kind: 'stream', stream: Math.floor(value / indexes), index: value % indexes }
  }

  /** Enters an object, unless a newer section has it already. Numbers and places no document can have are passed over. */
  addOlder(number: number, entry: XrefEntry): void {
    if (!this.#entries.has(number)) this.set(number, entry)
  }

  set(number: number, entry: XrefEntry): void {
    if (number < 0 || number > limits.objectNumber) return
    const packed = pack(entry)
    if (packed === null) return
    this.#entries.set(number, packed)
    if (this.#entries.size > limits.objects) throw tooMuch('too many objects')
  }

  numbers(): IterableIterator<number> {
    return this.#entries.keys()
  }

  get size(): number {
    return this.#entries.size
  }

  /** The highest number entered; 0 when there is none. */
  highest(): number {
    let highest = 0
    for (const number of this.#entries.keys()) if (number > highest) highest = number
    return highest
  }
}

function pack(entry: XrefEntry): number | null {
  switch (entry.kind) {
    case 'free':
      return Number.NaN
    case 'file':
      if (entry.offset >= 2 ** 36 || entry.generation >= generations) return null
      return entry.offset * generations + entry.generation
    case 'stream':
      if (entry.stream > limits.objectNumber || entry.index >= indexes) return null
      return -(entry.stream * indexes + entry.index) - 1
  }
}
