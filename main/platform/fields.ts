import { AppFailure } from '../contract/failure.ts'
import type { FailureCode } from '../contract/failure.ts'

/**
 * The fields of a JSON object from outside, each taken with its check. A field that is missing or not what it should
 * be throws the code the reader was made with; unknown fields are left alone.
 */
export interface Fields {
  /** A string that matches; the pattern bounds its length. */
  text(name: string, pattern: RegExp): string
  /** The same, null where the field is absent or null. */
  textOrNull(name: string, pattern: RegExp): string | null
  oneOf<T extends string>(name: string, values: readonly T[]): T
  /** True or false. */
  flag(name: string): boolean
  /** A whole number from zero, below 2^53. */
  count(name: string): number
  /** The same, null where the field is absent or null. */
  countOrNull(name: string): number | null
  /** A moment as RFC 3339 UTC with `Z`. */
  time(name: string): Date
  timeOrNull(name: string): Date | null
  /** Base64 of at most `limit` bytes, in the one canonical spelling. */
  bytes(name: string, limit: number): Uint8Array
  object(name: string): Fields
  objectOrNull(name: string): Fields | null
  /** At most `limit` objects. */
  objects(name: string, limit: number): readonly Fields[]
  /** The same, none where the field is absent or null. */
  objectsOrNone(name: string, limit: number): readonly Fields[]
  /** At most `limit` strings. */
  texts(name: string, pattern: RegExp, limit: number): readonly string[]
}

/** What the texts of the API look like. */
export const patterns = {
  digest: /^[0-9a-f]{64}$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  openingId: /^[A-Za-z0-9._-]{1,128}$/,
  /** A line for people or an identifier of a tender: no control characters. */
  line: /^[^\p{Cc}]{1,1000}$/u,
  lineOrNone: /^[^\p{Cc}]{0,1000}$/u,
  /** A path on the same server; no empty segment, so that it can't name another host. */
  path: /^(?=.{2,500}$)(\/[A-Za-z0-9._~-]+)+$/,
} as const

/** Reads a value as an object; throws `code` when it is none. */
export function fieldsOf(value: unknown, code: FailureCode): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new AppFailure(code, 'not an object')
  const object: object = value

  const read = (name: string): unknown =>
    Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined
  const bad = (name: string): AppFailure => new AppFailure(code, `the field ${name} is not what it should be`)
  const absent = (name: string): boolean => read(name) === undefined || read(name) === null
  const list = (name: string, limit: number): readonly unknown[] => {
    const found = read(name)
    if (!Array.isArray(found) || found.length > limit) throw bad(name)
    return found
  }
  const asText = (found: unknown, name: string, pattern: RegExp): string => {
    if (typeof found !== 'string' || !pattern.test(found)) throw bad(name)
    return found
  }

  const fields: Fields = {
    text: (name, pattern) => asText(read(name), name, pattern),
    textOrNull: (name, pattern) => (absent(name) ? null : fields.text(name, pattern)),
    oneOf(name, values) {
      const found = values.find(value => value === read(name))
      if (found === undefined) throw bad(name)
      return found
    },
    flag(name) {
      const found = read(name)
      if (typeof found !== 'boolean') throw bad(name)
      return found
    },
    count(name) {
      const found = read(name)
      if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 0) throw bad(name)
      return found
    },
    countOrNull: name => (absent(name) ? null : fields.count(name)),
    time(name) {
      const text = fields.text(name, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/)
      const time = new Date(text)
      if (Number.isNaN(time.getTime())) throw bad(name)
      return time
    },
    timeOrNull: name => (absent(name) ? null : fields.time(name)),
    bytes(name, limit) {
      const text = read(name)
      if (typeof text !== 'string' || text.length > Math.ceil(limit / 3) * 4) throw bad(name)
      const bytes = Buffer.from(text, 'base64')
      if (bytes.length > limit || bytes.toString('base64') !== text) throw bad(name)
      return new Uint8Array(bytes)
    },
    object: name => fieldsOf(read(name), code),
    objectOrNull: name => (absent(name) ? null : fields.object(name)),
    objects: (name, limit) => list(name, limit).map(found => fieldsOf(found, code)),
    objectsOrNone: (name, limit) => (absent(name) ? [] : fields.objects(name, limit)),
    texts: (name, pattern, limit) => list(name, limit).map(found => asText(found, name, pattern)),
  }
  return fields
}

/** Bytes as the API writes them. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
