import { Buffer } from 'node:buffer'
import { CryptoFailure } from '../../errors.ts'

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * How one value crosses between the processes. `decode` trusts nothing: it throws `token.driver-crashed` for whatever is
 * not exactly such a value, because a peer whose memory was damaged by a vendor library can send anything.
 */
export interface Codec<T> {
  encode(value: T): Json
  decode(json: unknown): T
}

/** The value a codec carries. */
export type Carried<C> = C extends Codec<infer T> ? T : never

/** Text of at most `max` UTF-16 units. */
export function text(max: number): Codec<string> {
  return {
    encode: value => value,
    decode: json => (typeof json === 'string' && json.length <= max ? json : refuse()),
  }
}

/** At most `max` bytes, as base64. */
export function bytes(max: number): Codec<Uint8Array> {
  return {
    encode: value => Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
    decode(json) {
      if (typeof json !== 'string' || json.length > Math.ceil(max / 3) * 4) return refuse()
      const decoded = Buffer.from(json, 'base64')
      return decoded.toString('base64') === json ? new Uint8Array(decoded) : refuse()
    },
  }
}

/** An integer from 0 to 2^31 - 1. */
export const count: Codec<number> = {
  encode: value => value,
  decode: json => (typeof json === 'number' && Number.isInteger(json) && json >= 0 && json < 2 ** 31 ? json : refuse()),
}

export const flag: Codec<boolean> = {
  encode: value => value,
  decode: json => (typeof json === 'boolean' ? json : refuse()),
}

/** No value. */
export const nothing: Codec<undefined> = {
  encode: () => null,
  decode: json => (json === null ? undefined : refuse()),
}

/** One of a closed list of words. */
export function word<const W extends string>(...words: readonly W[]): Codec<W> {
  return { encode: value => value, decode: json => words.find(known => known === json) ?? refuse() }
}

export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    encode: value => (value === null ? null : codec.encode(value)),
    decode: json => (json === null ? null : codec.decode(json)),
  }
}

/** At most `max` values of one kind. */
export function list<T>(codec: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    encode: value => value.map(item => codec.encode(item)),
    decode: json => (Array.isArray(json) && json.length <= max ? json.map(item => codec.decode(item)) : refuse()),
  }
}

/** An object with exactly these fields; those of `optional` may be absent. */
export function record<R extends object, O extends object = object>(
  required: { readonly [K in keyof R]: Codec<R[K]> },
  optional?: { readonly [K in keyof O]: Codec<O[K]> },
): Codec<Readonly<R> & Readonly<Partial<O>>> {
  const fields = new Map<string, Codec<unknown>>(Object.entries<Codec<unknown>>({ ...required, ...optional }))
  const names = Object.keys(required)
  return {
    encode: value =>
      Object.fromEntries(
        Object.entries(value).flatMap(([name, field]): [string, Json][] => {
          const codec = fields.get(name)
          return codec === undefined || field === undefined ? [] : [[name, codec.encode(field)]]
        }),
      ),
    decode(json) {
      const entries = Object.entries(asObject(json)).map(([name, field]): [string, unknown] => [
        name,
        (fields.get(name) ?? refuse()).decode(field),
      ])
      if (!names.every(name => entries.some(([present]) => present === name))) refuse()
      return Object.fromEntries(entries) as Readonly<R> & Readonly<Partial<O>>
    },
  }
}

/** A plain object of unknown fields. */
export function asObject(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? Object.fromEntries(Object.entries(json))
    : refuse()
}

/** For what cannot be such a value. */
export function refuse(): never {
  throw new CryptoFailure('token.driver-crashed', 'a message of the token process is malformed')
}
