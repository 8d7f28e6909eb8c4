import type { FailureCode } from '../../../main/contract/failure.ts'

/** What a person reads about a failure, in this order. */
export interface FailureText {
  /** What happened. */
  readonly what: string
  /** Is my bid safe? */
  readonly safe: string
  /** What to do now: one sentence; the button beside it does it. */
  readonly next: string
}

/** Codes about locks and certificates. */
export type LockCode = Extract<FailureCode, `token.${string}` | `cert.${string}` | `data.${string}`>
/** Codes about sealed files and signed documents. */
export type SealCode = Extract<FailureCode, `seal.${string}` | `document.${string}`>
/** Codes about the tender, the bid and this computer. */
export type BidCode = Exclude<FailureCode, LockCode | SealCode | DeliveryCode>
/** Codes about delivery and opening. */
export type DeliveryCode = Extract<FailureCode, `platform.${string}` | `opening.${string}`>
