import type { JsonValue } from '../../json/value.ts'
import { array, integer, object, oneOf, optional, type Shape, ShapeMismatch, string } from '../../json/shape.ts'

/** A text in both languages of the product. */
export interface Words {
  readonly zh: string
  readonly en: string
}

/** Systems a library is made for, as Node names them. */
export type DataPlatform = 'win32' | 'darwin' | 'linux'

/** Whether somebody has tried it, or it was put together from documents and other people's programs only. */
export type Evidence = 'documents' | 'tried'

/** What the publisher's data look like in common: words, ids, object identifiers, digests. */
export const words: Shape<Words> = object({ zh: sentence(), en: sentence() }, { unknown: 'refuse' })

/** A short name of an entry: lower-case words with dashes. */
export const entryId: Shape<string> = string({ max: 64, min: 2, pattern: /^[a-z0-9]+(?:-[a-z0-9]+)*$/ })

/** A dotted object identifier. */
const dottedOid: Shape<string> = string({ max: 128, pattern: /^[0-2](?:\.(?:0|[1-9][0-9]*))+$/ })

/** Places of the credit code, the one that counts first. */
export const creditCodePlaces: Shape<readonly string[]> = distinct(array(dottedOid, { min: 1, max: 64 }))

export const dataPlatform: Shape<DataPlatform> = oneOf(['win32', 'darwin', 'linux'])

export const evidence: Shape<Evidence> = oneOf(['documents', 'tried'])

/** Counts up from 1; what is installed is never replaced by a lower one. */
export const dataVersion: Shape<number> = integer({ min: 1, max: 2 ** 31 })

/** One line for people: no control characters, no marks that turn the direction of writing. */
export function sentence(max = 2000): Shape<string> {
  return string({ max, min: 1, pattern: /^[^\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u })
}

/**
 * A number of 32 bits as vendors' headers write it (`"0x80008104"`), or as a plain JSON number. PKCS#11 numbers of vendors
 * lie above 2^31, where nobody recognises them in decimal.
 */
export const number32: Shape<number> = {
  read(value: JsonValue, at: string): number {
    if (typeof value === 'string' && /^0x[0-9A-Fa-f]{1,8}$/.test(value)) return Number.parseInt(value.slice(2), 16)
    return plainNumber32.read(value, at)
  },
}

const plainNumber32 = integer({ min: 0, max: 2 ** 32 - 1 })

/** A list in which nothing stands twice. */
export function distinct(list: Shape<readonly string[]>): Shape<readonly string[]> {
  return {
    read(value, at) {
      const found = list.read(value, at)
      if (new Set(found).size !== found.length) throw new ShapeMismatch(`${at} holds a member twice`)
      return found
    },
  }
}

/** Requires that ids differ. */
export function requireDistinctIds(entries: readonly { readonly id: string }[], at: string): void {
  const seen = new Set<string>()
  for (const { id } of entries) {
    if (seen.has(id)) throw new ShapeMismatch(`${at} holds ${id} twice`)
    seen.add(id)
  }
}

/** A span of time that may be open at its end. */
export function requireOrder(from: string | undefined, until: string | undefined, at: string): void {
  if (from !== undefined && until !== undefined && new Date(from) > new Date(until)) {
    throw new ShapeMismatch(`${at} ends before it begins`)
  }
}

/** Whether a moment lies in a span; a missing end is open. */
export function isWithin(moment: Date, from: string | undefined, until: string | undefined): boolean {
  return (from === undefined || moment >= new Date(from)) && (until === undefined || moment <= new Date(until))
}

/** An optional list of remarks. */
export const notes = optional(array(words, { min: 1, max: 16 }))
