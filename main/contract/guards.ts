import type { Check } from './define.ts'
import { isLockId, isTenderName, type LockId, type TenderName } from './ids.ts'

/** Languages of the interface. */
export type Language = 'zh-CN' | 'en'

/** The algorithms a rehearsal is made with, by their version strings. */
export type RehearsalSuite = 'intl-1' | 'gm-1'

/** With which locks a bid is sealed, `main` may be the lock that signs; and whether beside one that was lost on its way. */
export interface SealChoice {
  readonly sign: LockId
  readonly main: LockId
  readonly backups: readonly LockId[]
  readonly again: boolean
}

/** One filled field of a form. */
export interface FormValue {
  readonly name: TenderName
  /** At most 2,000 characters. */
  readonly value: string
}

/** A language the interface has. */
export const isLanguage: Check<Language> = (value): value is Language => value === 'zh-CN' || value === 'en'

/** True or false, nothing that only looks like it. */
export const isBoolean: Check<boolean> = (value): value is boolean => typeof value === 'boolean'

/** An http(s) address of at most 300 characters; main parses it again with `URL`. */
export const isPlatformAddress: Check<string> = (value): value is string =>
  typeof value === 'string' && value.length <= 300 && /^https?:\/\/[^\s]+$/.test(value)

/** The bidder's name: 1 to 200 characters. */
export const isBidderName: Check<string> = (value): value is string =>
  typeof value === 'string' && value.trim().length >= 1 && value.length <= 200

/** Algorithms a rehearsal can be made with. */
export const isRehearsalSuite: Check<RehearsalSuite> = (value): value is RehearsalSuite =>
  value === 'intl-1' || value === 'gm-1'

/** A lock to sign with, one to encrypt to and at most eight backups; and a word on sealing again. */
export const isSealChoice: Check<SealChoice> = (value): value is SealChoice =>
  isPlainObject(value, ['sign', 'main', 'backups', 'again']) &&
  isLockId(value['sign']) &&
  isLockId(value['main']) &&
  isListOf(value['backups'], isLockId, 8) &&
  isBoolean(value['again'])

/** At most 200 filled fields. */
export const isFormValues: Check<readonly FormValue[]> = (value): value is readonly FormValue[] =>
  isListOf(
    value,
    (item): item is FormValue =>
      isPlainObject(item, ['name', 'value']) &&
      isTenderName(item['name']) &&
      typeof item['value'] === 'string' &&
      item['value'].length <= 2000,
    200,
  )

function isListOf<T>(value: unknown, check: Check<T>, most: number): value is readonly T[] {
  return Array.isArray(value) && value.length <= most && value.every(check)
}

function isPlainObject(value: unknown, keys: readonly string[]): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length === keys.length &&
    keys.every(key => Object.hasOwn(value, key))
  )
}
