import { PdfBroken } from './broken.ts'
import { limits } from './limits.ts'
import type { PdfDictionary, PdfObject, PdfReference } from './objects.ts'
import { hexString, isDelimiter, isSpace, literalString, nameText } from './lexer.ts'

/** The bytes at hand end inside the object: the caller comes again with more of them. */
export class WindowEnd extends Error {}

/** A word that is no object: `obj`, `endobj`, `stream`, `R` and the like. */
export interface Keyword {
  readonly kind: 'keyword'
  readonly word: string
}

/**
 * Reads objects out of a window of the document. Throws {@link WindowEnd} when the window is not the document's last and
 * ends too early, `PdfBroken` for anything else.
 */
export class PdfParser {
  readonly #bytes: Uint8Array
  readonly #isLast: boolean
  /** Where the next byte is, from the window's start. */
  position: number

  constructor(bytes: Uint8Array, isLast: boolean, position = 0) {
    this.#bytes = bytes
    this.#isLast = isLast
    this.position = position
  }

  /** The next object. */
  object(): PdfObject {
    const value = this.value(0)
    if (isKeyword(value)) throw new PdfBroken(`the word ${printable(value.word)} where an object belongs`)
    return value
  }

  /** The next object that must be a dictionary. */
  dictionary(): PdfDictionary {
    const value = this.object()
    if (value === null || typeof value !== 'object' || value.kind !== 'dictionary') throw new PdfBroken('no dictionary')
    return value
  }

  /** The next word; anything else is broken. */
  keyword(wanted: string): void {
    const value = this.value(0)
    if (!isKeyword(value) || value.word !== wanted) throw new PdfBroken(`${wanted} is missing`)
  }

  /** The next whole number from 0 up. */
  wholeNumber(): number {
    const value = this.#number()
    if (value === null || !Number.isSafeInteger(value) || value < 0) throw new PdfBroken('no whole number')
    return value
  }

  /** `n g obj`: answers number and generation. */
  header(): PdfReference {
    const number = this.wholeNumber()
    const generation = this.wholeNumber()
    this.keyword('obj')
    return { kind: 'reference', number, generation }
  }

  /** After a dictionary: whether `stream` follows. If so, stands at the first byte of the data. */
  streamBegins(): boolean {
    this.skipSpace()
    const word = this.#bytes.subarray(this.position, this.position + 6)
    if (word.length < 6 && !this.#isLast) throw new WindowEnd()
    if (Buffer.from(word).toString('latin1') !== 'stream') return false
    this.position += 6
    // CR LF or LF (7.3.8.1); a lone CR is met as well.
    if (this.#peek() === 0x0d) this.position += 1
    if (this.#peek() === 0x0a) this.position += 1
    return true
  }

  /** Passes over white space and comments. */
  skipSpace(): void {
    for (let byte = this.#peek(); byte !== -1; byte = this.#peek()) {
      if (isSpace(byte)) this.position += 1
      else if (byte === 0x25) {
        for (let next = this.#peek(); next !== -1 && next !== 0x0a && next !== 0x0d; next = this.#peek()) {
          this.position += 1
        }
      } else return
    }
  }

  /** The next object or word; after the end of the document, the empty word. */
  value(depth: number): PdfObject | Keyword {
    if (depth > limits.depth) throw new PdfBroken('nested too deeply')
    this.skipSpace()
    const byte = this.#peek()
    switch (byte) {
      case -1:
        return { kind: 'keyword', word: '' }
      case 0x2f:
        this.position += 1
        return { kind: 'name', name: nameText(this.#regular(limits.name)) }
      case 0x28:
        return { kind: 'string', bytes: this.#scan(literalString) }
      case 0x3c:
        this.position += 1
        if (this.#peek() === 0x3c) {
          this.position += 1
          return this.#entries(depth)
        }
        return { kind: 'string', bytes: this.#scan(hexString) }
      case 0x5b:
        this.position += 1
        return this.#items(depth)
      case 0x5d:
        this.position += 1
        return { kind: 'keyword', word: ']' }
      case 0x3e:
        this.position += 1
        if (this.#peek() !== 0x3e) throw new PdfBroken('a stray >')
        this.position += 1
        return { kind: 'keyword', word: '>>' }
      case 0x29:
      case 0x7b:
      case 0x7d:
        throw new PdfBroken('a stray delimiter')
      default:
        return isNumberStart(byte) ? this.#numberOrReference() : this.#word()
    }
  }

  #items(depth: number): PdfObject {
    const items: PdfObject[] = []
    for (;;) {
      const value = this.value(depth + 1)
      if (isKeyword(value)) {
        if (value.word === ']') return { kind: 'array', items }
        throw new PdfBroken('an array without its end')
      }
      if (items.length >= limits.array) throw new PdfBroken('an array too long')
      items.push(value)
    }
  }

  #entries(depth: number): PdfDictionary {
    const entries = new Map<string, PdfObject>()
    for (;;) {
      const key = this.value(depth + 1)
      if (isKeyword(key) && key.word === '>>') return { kind: 'dictionary', entries }
      if (isKeyword(key) || key === null || typeof key !== 'object' || key.kind !== 'name') {
        throw new PdfBroken('a dictionary key that is no name')
      }
      const value = this.value(depth + 1)
      if (isKeyword(value)) throw new PdfBroken('a dictionary entry without a value')
      if (entries.size >= limits.dictionary) throw new PdfBroken('a dictionary too long')
      entries.set(key.name, value)
    }
  }

  #numberOrReference(): PdfObject {
    const value = this.#number()
    if (value === null) throw new PdfBroken('no number')
    if (!Number.isSafeInteger(value) || value < 0 || value > limits.objectNumber) return value
    const after = this.position
    const generation = this.#plainInteger()
    if (generation !== null && this.#isReferenceMark()) return { kind: 'reference', number: value, generation }
    this.position = after
    return value
  }

  /** `R` that ends there. */
  #isReferenceMark(): boolean {
    this.skipSpace()
    if (this.#peek() !== 0x52) return false
    this.position += 1
    const next = this.#peek()
    return next === -1 || isSpace(next) || isDelimiter(next)
  }

  #plainInteger(): number | null {
    this.skipSpace()
    let digits = 0
    let value = 0
    for (let byte = this.#peek(); byte >= 0x30 && byte <= 0x39; byte = this.#peek()) {
      if (digits === 6) return null
      value = value * 10 + byte - 0x30
      digits += 1
      this.position += 1
    }
    return digits === 0 ? null : value
  }

  #number(): number | null {
    this.skipSpace()
    const word = Buffer.from(this.#regular(64)).toString('latin1')
    // `--5` and `5-3` are met in the wild; what stands after a sign in the middle is dropped, as readers do.
    const found = /^[+-]*(\d*)(?:\.(\d*))?/.exec(word)
    const [whole = '', digits = '', fraction = ''] = found ?? []
    if (digits === '' && fraction === '' && !/^[+-]*\.?$/.test(whole)) return null
    if (digits === '' && fraction === '') return 0
    const rest = word.slice(whole.length)
    if (rest !== '' && !/^[-+.]/.test(rest)) return null
    const value = Number(`${digits === '' ? '0' : digits}.${fraction === '' ? '0' : fraction}`)
    return word.startsWith('-') ? -value : value
  }

  #word(): PdfObject | Keyword {
    const word = Buffer.from(this.#regular(128)).toString('latin1')
    if (word === 'true') return true
    if (word === 'false') return false
    return word === 'null' ? null : { kind: 'keyword', word }
  }

  /** Regular characters up to white space, a delimiter or the end. */
  #regular(limit: number): Uint8Array {
    const start = this.position
    for (let byte = this.#peek(); byte !== -1 && !isSpace(byte) && !isDelimiter(byte); byte = this.#peek()) {
      if (this.position - start >= limit) throw new PdfBroken('a word too long')
      this.position += 1
    }
    return this.#bytes.subarray(start, this.position)
  }

  #scan(read: (bytes: Uint8Array, start: number) => { readonly bytes: Uint8Array; readonly end: number } | null) {
    const found = read(this.#bytes, this.position)
    if (found === null) {
      if (this.#isLast) throw new PdfBroken('a string without its end')
      throw new WindowEnd()
    }
    this.position = found.end
    return found.bytes
  }

  #peek(): number {
    const byte = this.#bytes[this.position]
    if (byte !== undefined) return byte
    if (!this.#isLast) throw new WindowEnd()
    return -1
  }
}

export function isKeyword(value: PdfObject | Keyword): value is Keyword {
  return typeof value === 'object' && value !== null && value.kind === 'keyword'
}

function isNumberStart(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e
}

function printable(word: string): string {
  return word.slice(0, 20).replace(/[^\x20-\x7e]/g, '?')
}
