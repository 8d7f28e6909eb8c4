import { CryptoFailure, type CryptoFailureCode } from '../errors.ts'
import { isJsonObject, type JsonValue } from './value.ts'

/** What a JSON value must look like, and the type it then has. Made by the functions of this file. */
export interface Shape<T> {
  /** The value as `T`; throws a {@link ShapeMismatch}. `at` names the place for the log. */
  read(value: JsonValue, at: string): T
}

/** A member of an object that may be absent. */
export interface OptionalShape<T> extends Shape<T> {
  readonly optional: true
}

/** The type a shape stands for. */
export type Infer<S> = S extends Shape<infer T> ? T : never

type Members = Readonly<Record<string, Shape<unknown>>>
type OptionalNames<M extends Members> = { [K in keyof M]: M[K] extends OptionalShape<unknown> ? K : never }[keyof M]
type Flat<T> = { readonly [K in keyof T]: T[K] }
/** The object type of a list of members. */
export type ObjectOf<M extends Members> = Flat<
  { readonly [K in Exclude<keyof M, OptionalNames<M>>]: Infer<M[K]> } & {
    readonly [K in OptionalNames<M>]?: Infer<M[K]>
  }
>

/** Where and why a value is not of its shape. Never leaves {@link check}. */
export class ShapeMismatch extends Error {
  override readonly name = 'ShapeMismatch'
}

/** The value as the shape's type: a new value that holds nothing the shape does not know. Throws `code`. */
export function check<T>(shape: Shape<T>, value: JsonValue, code: CryptoFailureCode): T {
  try {
    return shape.read(value, 'document')
  } catch (error) {
    if (error instanceof ShapeMismatch) throw new CryptoFailure(code, error.message, error)
    throw error
  }
}

/** Text of at most `max` UTF-16 units and at least `min` (0), matching all of `pattern`, without NUL. */
export function string(options: {
  readonly max: number
  readonly min?: number
  readonly pattern?: RegExp
}): Shape<string> {
  return {
    read(value, at) {
      if (typeof value !== 'string') throw new ShapeMismatch(`${at} is not a string`)
      if (value.length > options.max) throw new ShapeMismatch(`${at} is longer than ${options.max}`)
      if (value.length < (options.min ?? 0)) throw new ShapeMismatch(`${at} is too short`)
      if (value.includes('\0')) throw new ShapeMismatch(`${at} holds a NUL`)
      if (options.pattern?.test(value) === false) throw new ShapeMismatch(`${at} has another form`)
      return value
    },
  }
}

/** Lower-case hex of exactly `bytes` bytes. */
export function hex(bytes: number): Shape<string> {
  return string({ max: bytes * 2, min: bytes * 2, pattern: /^[0-9a-f]*$/ })
}

/** Lower-case hex of 1 to `maxBytes` bytes. */
export function hexUpTo(maxBytes: number): Shape<string> {
  return string({ max: maxBytes * 2, min: 2, pattern: /^(?:[0-9a-f]{2})+$/ })
}

/** Base64 with padding and without line ends, of 1 to `maxBytes` bytes, in its only spelling. */
export function base64(maxBytes: number): Shape<string> {
  const text = string({ max: Math.ceil(maxBytes / 3) * 4, min: 4, pattern: /^[A-Za-z0-9+/]+={0,2}$/ })
  return {
    read(value, at) {
      const encoded = text.read(value, at)
      if (Buffer.from(encoded, 'base64').toString('base64') !== encoded) throw new ShapeMismatch(`${at} is not base64`)
      return encoded
    },
  }
}

/** Lower-case UUID of any version. */
export const uuid: Shape<string> = string({
  max: 36,
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
})

/** RFC 3339 in UTC with `Z`, seconds with at most nine decimals, a date and time that exist (no leap second). */
export const time: Shape<string> = {
  read(value, at) {
    const text = timeText.read(value, at)
    const seconds = text.slice(0, 19)
    const parsed = new Date(`${seconds}Z`)
    if (Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 19) !== seconds) {
      throw new ShapeMismatch(`${at} is no time`)
    }
    return text
  },
}

const timeText = string({
  max: 30,
  pattern: /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z$/,
})

/** Integer from `min` to `max`, both included. */
export function integer(options: { readonly min: number; readonly max: number }): Shape<number> {
  return {
    read(value, at) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new ShapeMismatch(`${at} is not an integer`)
      if (value < options.min || value > options.max) throw new ShapeMismatch(`${at} is out of range`)
      return value
    },
  }
}

/** True or false. */
export const boolean: Shape<boolean> = {
  read(value, at) {
    if (typeof value !== 'boolean') throw new ShapeMismatch(`${at} is neither true nor false`)
    return value
  },
}

/** Exactly this value. */
export function literal<const T extends string | number | boolean>(expected: T): Shape<T> {
  return {
    read(value, at) {
      if (value !== expected) throw new ShapeMismatch(`${at} is not ${String(expected)}`)
      return expected
    },
  }
}

/** One of these texts. */
export function oneOf<const T extends string>(values: readonly T[]): Shape<T> {
  return {
    read(value, at) {
      const found = values.find(each => each === value)
      if (found === undefined) throw new ShapeMismatch(`${at} is none of ${values.join(', ')}`)
      return found
    },
  }
}

/** A list of `min` (0) to `max` members of one shape. */
export function array<T>(
  member: Shape<T>,
  options: { readonly max: number; readonly min?: number },
): Shape<readonly T[]> {
  return {
    read(value, at) {
      if (!Array.isArray(value)) throw new ShapeMismatch(`${at} is not a list`)
      if (value.length > options.max) throw new ShapeMismatch(`${at} has more than ${options.max} members`)
      if (value.length < (options.min ?? 0)) throw new ShapeMismatch(`${at} has too few members`)
      return value.map((each: JsonValue, index) => member.read(each, `${at}[${index}]`))
    },
  }
}

/** Marks a member that may be absent; absent and null are not the same. */
export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { optional: true, read: (value, at) => shape.read(value, at) }
}

/** An object of these members; others are refused or dropped. Members come out in the order of `members`. */
export function object<M extends Members>(
  members: M,
  options: { readonly unknown: 'refuse' | 'ignore' },
): Shape<ObjectOf<M>> {
  return {
    read(value, at) {
      if (!isJsonObject(value)) throw new ShapeMismatch(`${at} is not an object`)
      if (options.unknown === 'refuse') {
        const stranger = Object.keys(value).find(name => !Object.hasOwn(members, name))
        if (stranger !== undefined) throw new ShapeMismatch(`${at} has a field that is not known`)
      }
      const result: Record<string, unknown> = {}
      for (const [name, shape] of Object.entries(members)) {
        const member = Object.hasOwn(value, name) ? value[name] : undefined
        if (member !== undefined) result[name] = shape.read(member, `${at}.${name}`)
        else if (!('optional' in shape)) throw new ShapeMismatch(`${at}.${name} is missing`)
      }
      return result as ObjectOf<M>
    },
  }
}
