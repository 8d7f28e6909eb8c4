import { AppFailure } from '../../contract/failure.ts'
import { dayOf } from '../tenders/field-rules.ts'

/** What a company keeps to use in every bid, beside its basic facts: 证照, 业绩, 人员. */
export const entryKinds = ['certificate', 'project', 'person'] as const
export type EntryKind = (typeof entryKinds)[number]

/** A name and a value, in the company's own words: 注册资本, 项目经理. */
export interface LibraryField {
  readonly name: string
  readonly value: string
}

/** A licence, a reference project or a person, with its files. */
export interface LibraryEntry {
  /** Short, plain, and the name of its folder. */
  readonly id: string
  readonly kind: EntryKind
  readonly title: string
  /** The last day it is valid, `2026-03-01`; absent where it has no end. */
  readonly validUntil?: string
  readonly fields: readonly LibraryField[]
  /** Names of its files, which stand beside its `entry.json`. */
  readonly files: readonly string[]
}

/** The format line of the library's JSON files. */
export const libraryFormat = 'bidseal-library/1'

/** Whether a text can be an entry's id: it is a folder's name on every system. */
export function isEntryId(text: string): boolean {
  const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(text)
  return /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(text) && !/[.]$/.test(text) && !reserved
}

/** A day as people write it, as `2026-03-01`. Throws `arguments.bad`. */
export function requireDay(text: string): string {
  const day = dayOf(text)
  if (day === null) throw new AppFailure('arguments.bad', 'a day is written 2026-03-01')
  return day
}

/** Reads an `entry.json`. Throws `input.unreadable` when it is none of this id and kind. */
export function parseEntry(value: unknown, id: string, kind: EntryKind): LibraryEntry {
  const root = record(value)
  const { title, validUntil, files } = root
  if (root['format'] !== libraryFormat || root['id'] !== id || root['kind'] !== kind) throw damaged()
  if (typeof title !== 'string' || !Array.isArray(files)) throw damaged()
  if (validUntil !== undefined && (typeof validUntil !== 'string' || dayOf(validUntil) === null)) throw damaged()
  return {
    ...{ id, kind, title },
    ...(validUntil === undefined ? {} : { validUntil: requireDay(validUntil) }),
    fields: parseFields(root['fields']),
    files: files.map((name: unknown) => {
      // SECURITY: the file may have been edited by hand or come from elsewhere; a name never leads out of the folder.
      if (typeof name !== 'string' || name === '' || /[/\\\0]/.test(name) || /^\.{1,2}$/.test(name)) throw damaged()
      return name
    }),
  }
}

/** Reads a list of fields. Throws `input.unreadable`. */
export function parseFields(value: unknown): readonly LibraryField[] {
  if (!Array.isArray(value)) throw damaged()
  return value.map((each: unknown) => {
    const { name, value: text } = record(each)
    if (typeof name !== 'string' || typeof text !== 'string' || name === '' || text.length > 65_536) throw damaged()
    return { name, value: text }
  })
}

/** Fields with some of them set; an empty value takes a field out. The order stays, new ones come last. */
export function withValues(
  fields: readonly LibraryField[],
  values: ReadonlyMap<string, string>,
): readonly LibraryField[] {
  const names = [...new Set([...fields.map(({ name }) => name), ...values.keys()])]
  const before = new Map(fields.map(({ name, value }) => [name, value]))
  return names
    .map(name => ({ name, value: values.get(name) ?? before.get(name) ?? '' }))
    .filter(({ value }) => value !== '')
}

/** A file of the library is damaged. */
export function damaged(): AppFailure {
  return new AppFailure('input.unreadable', 'a file of the company library is damaged')
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged()
  return value as Readonly<Record<string, unknown>>
}
