import { CryptoFailure, type CryptoFailureCode } from '../errors.ts'
import { maxJsonDepth, refusedNames, type JsonObject, type JsonValue } from './value.ts'

/** How much is read and how a refusal is called. */
export interface StrictJsonOptions {
  /** Longest text accepted, in bytes; looked at before anything else. */
  readonly maxBytes: number
  /** Code of the failure when the text breaks a rule. */
  readonly code: CryptoFailureCode
}

/**
 * Reads JSON as seal-format's "JSON" paragraph wants it: I-JSON (RFC 7493) in UTF-8 without line ends and byte order
 * mark, no name twice, no `__proto__`, `constructor` or `prototype`, integers only, below 2^53 in size, no lone
 * surrogates or noncharacters, at most eight levels. Throws `options.code` for anything else.
 */
export function parseStrictJson(bytes: Uint8Array, options: StrictJsonOptions): JsonValue {
  if (bytes.length > options.maxBytes) {
    throw new CryptoFailure(options.code, `JSON is longer than ${options.maxBytes} bytes`)
  }
  if (bytes.includes(0x0a) || bytes.includes(0x0d)) throw new CryptoFailure(options.code, 'JSON holds a line end')
  return new Parser(decodeUtf8(bytes, options.code), options.code).document()
}

/**
 * Writes a value as JSON on one line, names in the order they stand in the value. Refuses, with `code`, whatever
 * {@link parseStrictJson} would refuse, so that nothing is signed that no reader accepts.
 */
export function encodeJson(value: JsonValue, code: CryptoFailureCode = 'document.malformed'): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  if (holdsUnencodable(value)) throw new CryptoFailure(code, 'a string holds a lone surrogate or a noncharacter')
  parseStrictJson(bytes, { maxBytes: bytes.length, code })
  return bytes
}

const outsideText = /[\p{Surrogate}\p{Noncharacter_Code_Point}]/u
const plainRun = /[^"\\\u0000-\u001f]*/y
const integer = /-?(?:0|[1-9][0-9]{0,15})/y
const hexEscape = /[0-9a-fA-F]{4}/y
const blanks = /[ \t]*/y
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

function decodeUtf8(bytes: Uint8Array, code: CryptoFailureCode): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new CryptoFailure(code, 'JSON is not UTF-8', error)
  }
}

function holdsUnencodable(value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return outsideText.test(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, member]) => outsideText.test(name) || holdsUnencodable(member))
}

class Parser {
  readonly #text: string
  readonly #code: CryptoFailureCode
  #at = 0

  constructor(text: string, code: CryptoFailureCode) {
    this.#text = text
    this.#code = code
  }

  document(): JsonValue {
    const value = this.#value(1)
    this.#skipBlanks()
    if (this.#at !== this.#text.length) throw this.#broken('something after the value')
    return value
  }

  #value(depth: number): JsonValue {
    this.#skipBlanks()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#integer()
    }
  }

  #object(depth: number): JsonObject {
    this.#enter(depth)
    const members = new Map<string, JsonValue>()
    if (this.#takes('}')) return {}
    do {
      this.#skipBlanks()
      if (this.#text[this.#at] !== '"') throw this.#broken('a name is missing')
      const name = this.#string()
      if (refusedNames.has(name)) throw this.#broken('a refused name')
      if (members.has(name)) throw this.#broken('a name stands twice')
      if (!this.#takes(':')) throw this.#broken('a colon is missing')
      members.set(name, this.#value(depth + 1))
    } while (this.#takes(','))
    if (!this.#takes('}')) throw this.#broken('an object does not end')
    return Object.fromEntries(members)
  }

  #array(depth: number): readonly JsonValue[] {
    this.#enter(depth)
    const members: JsonValue[] = []
    if (this.#takes(']')) return members
    do members.push(this.#value(depth + 1))
    while (this.#takes(','))
    if (!this.#takes(']')) throw this.#broken('an array does not end')
    return members
  }

  #enter(depth: number): void {
    if (depth > maxJsonDepth) throw this.#broken('nested too deep')
    this.#at += 1
  }

  #string(): string {
    this.#at += 1
    let text = ''
    for (;;) {
      text += this.#match(plainRun) ?? ''
      const next = this.#text[this.#at]
      this.#at += 1
      if (next === '"') break
      if (next !== '\\') throw this.#broken('a string holds a control character or does not end')
      text += this.#escape()
    }
    if (outsideText.test(text)) throw this.#broken('a lone surrogate or a noncharacter')
    return text
  }

  #escape(): string {
    const letter = this.#text[this.#at] ?? ''
    this.#at += 1
    if (letter === 'u') {
      const digits = this.#match(hexEscape)
      if (digits === null) throw this.#broken('a bad escape')
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const plain = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
    if (plain === undefined) throw this.#broken('a bad escape')
    return plain
  }

  #integer(): number {
    const digits = this.#match(integer)
    if (digits === null) throw this.#broken('a value is missing')
    const value = Number(digits)
    if (/[0-9.eE]/.test(this.#text[this.#at] ?? '')) throw this.#broken('a number that is not an integer below 2^53')
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw this.#broken('a number that is not an integer below 2^53')
    return value
  }

  #word<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#broken('a value is missing')
    this.#at += word.length
    return value
  }

  #takes(character: string): boolean {
    this.#skipBlanks()
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #skipBlanks(): void {
    this.#match(blanks)
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? null
    if (found !== null) this.#at += found.length
    return found
  }

  #broken(what: string): CryptoFailure {
    return new CryptoFailure(this.#code, `JSON: ${what} (character ${this.#at})`)
  }
}
