import type { Check } from './define.ts'

/** Names issued by the main process; the page holds nothing else of a file, a token or a job. */
export type TenderId = string & { readonly brand: 'TenderId' }
/** A bid folder the main process knows. */
export type BidId = string & { readonly brand: 'BidId' }
/** A sealed bid: its `sealId`. */
export type SealId = string & { readonly brand: 'SealId' }
/** A token or soft lock seen in this run. */
export type LockId = string & { readonly brand: 'LockId' }
/** A long job of this run. */
export type JobId = string & { readonly brand: 'JobId' }
/** A question a running job asks the user. */
export type QuestionId = string & { readonly brand: 'QuestionId' }
/** Place of a document in the tender's tree, or id of a form: a name the tender chose. */
export type TenderName = string & { readonly brand: 'TenderName' }

/** SHA-256 of `tender.json`, hex. */
export const isTenderId: Check<TenderId> = (value): value is TenderId => matches(value, /^[0-9a-f]{64}$/)
/** 32 hex digits chosen by the main process. */
export const isBidId: Check<BidId> = (value): value is BidId => matches(value, /^[0-9a-f]{32}$/)
/** Lower-case UUID. */
export const isSealId: Check<SealId> = (value): value is SealId =>
  matches(value, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
/** 32 hex digits chosen by the main process. */
export const isLockId: Check<LockId> = (value): value is LockId => matches(value, /^[0-9a-f]{32}$/)
/** 32 hex digits chosen by the main process. */
export const isJobId: Check<JobId> = (value): value is JobId => matches(value, /^[0-9a-f]{32}$/)
/** 32 hex digits chosen by the main process. */
export const isQuestionId: Check<QuestionId> = (value): value is QuestionId => matches(value, /^[0-9a-f]{32}$/)
/** 1 to 200 characters, no control characters; compared with the tender's own names, never used as a path. */
export const isTenderName: Check<TenderName> = (value): value is TenderName =>
  typeof value === 'string' && value.length >= 1 && value.length <= 200 && !hasControls(value)

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}

function hasControls(value: string): boolean {
  return [...value].some(character => (character.codePointAt(0) ?? 0) < 0x20)
}
