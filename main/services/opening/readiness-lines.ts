import type { FailureCode } from '../../contract/failure.ts'

/** What is looked at before an opening, in this order. */
export const readinessIds = [
  'bid',
  'tender',
  'receipt',
  'lock',
  'certificate',
  'signer',
  'pin',
  'network',
  'clock',
  'platform',
  'dates',
  'stored',
] as const
export type ReadinessId = (typeof readinessIds)[number]

/** Everything that can be found, with what it means for the opening. */
export const readinessReasons = {
  'bid-stands': 'ok',
  'bid-new-here': 'warn',
  'bid-gone': 'fail',
  'bid-damaged': 'fail',
  'tender-kept': 'ok',
  'tender-fetched': 'ok',
  'tender-missing': 'fail',
  'receipt-kept': 'ok',
  'receipt-missing': 'warn',
  'lock-right': 'ok',
  'lock-wrong': 'fail',
  'lock-absent': 'fail',
  'lock-hidden': 'warn',
  'lock-unreadable': 'fail',
  'certificate-same': 'ok',
  'certificate-renewed': 'ok',
  'certificate-expires': 'warn',
  'signer-valid': 'ok',
  'signer-expires': 'fail',
  'signer-other': 'fail',
  'signer-missing': 'fail',
  'pin-ok': 'ok',
  'pin-untold': 'ok',
  'pin-pad': 'ok',
  'pin-default': 'warn',
  'pin-few': 'warn',
  'pin-last': 'warn',
  'pin-locked': 'fail',
  'pin-not-set': 'fail',
  'network-up': 'ok',
  'network-down': 'fail',
  'clock-close': 'ok',
  'clock-apart': 'warn',
  'clock-unsigned': 'warn',
  'clock-untold': 'warn',
  'platform-ready': 'ok',
  'platform-closed': 'fail',
  'platform-unknown': 'fail',
  'dates-stand': 'ok',
  'dates-moved': 'warn',
  'stored-same': 'ok',
  'stored-not-shown': 'warn',
  'stored-other': 'fail',
  /** Something before it is missing, so it could not be looked at. */
  'not-reached': 'warn',
} as const satisfies Readonly<Record<string, 'ok' | 'warn' | 'fail'>>

export type ReadinessReason = keyof typeof readinessReasons
export type ReadinessStatus = (typeof readinessReasons)[ReadinessReason]

/** One thing that was looked at. Facts are for the sentence and for other programs: times RFC 3339 UTC, durations in ms. */
export interface ReadinessLine {
  readonly id: ReadinessId
  readonly status: ReadinessStatus
  readonly reason: ReadinessReason
  readonly facts: Readonly<Record<string, string | number>>
  /** The failure behind it, where there is one. */
  readonly code?: FailureCode
}

/** A line; its status follows from the reason. */
export function line(
  id: ReadinessId,
  reason: ReadinessReason,
  facts: ReadinessLine['facts'] = {},
  code?: FailureCode,
): ReadinessLine {
  return { id, status: readinessReasons[reason], reason, facts, ...(code === undefined ? {} : { code }) }
}
