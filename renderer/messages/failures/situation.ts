import type { Failure, FailureCode } from '../../../main/contract/failure.ts'
import type { JobKind } from '../../../main/contract/views.ts'
import type { FailureText } from './text.ts'

/** In what a failure happened, as far as it changes what is true of the bid. */
export interface Situation {
  readonly kind: JobKind
  /** A release of the keys has been made: nobody may be told that none was sent. */
  readonly keyMayBeOut: boolean
}

/** Failures that mean something else where they happened than they do elsewhere. */
export type SituationName =
  | 'withdraw-late'
  | 'withdraw-receipt'
  | 'release-receipt'
  | 'release-mismatch'
  | 'released-mismatch'
  | 'released-challenge'
  | 'released-early'
  | 'released-not-confirmed'

/** What is said there instead; a sentence that is missing is the usual one. */
export type SituationTexts = Readonly<Record<SituationName, Partial<FailureText>>>

/** The name of the situation a failure happened in; null where its usual words hold. */
export function situationOf(code: Failure['code'], situation: Situation | undefined): SituationName | null {
  if (situation === undefined) return null
  const { kind, keyMayBeOut } = situation
  if (kind === 'withdraw') return withdrawals[code] ?? null
  if (kind !== 'release') return null
  return (keyMayBeOut ? released[code] : undefined) ?? releases[code] ?? null
}

type Names = Readonly<Partial<Record<FailureCode, SituationName>>>

const withdrawals: Names = { 'platform.late': 'withdraw-late', 'platform.receipt': 'withdraw-receipt' }

const releases: Names = { 'platform.receipt': 'release-receipt', 'seal.key-mismatch': 'release-mismatch' }

const released: Names = {
  'seal.key-mismatch': 'released-mismatch',
  'opening.challenge': 'released-challenge',
  'opening.early': 'released-early',
  'opening.not-confirmed': 'released-not-confirmed',
}
