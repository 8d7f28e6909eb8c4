import type { PinConsent, PinState, TokenSummary } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'

/** Whom to ask for the PIN of a token. `index` counts the tokens of this command in the order they were named. */
export interface PinRequest {
  readonly token: TokenSummary
  readonly index: number
}

/** What a person has typed, and agreed to. */
export interface GivenPin {
  /** Null where the PIN is typed on the token itself, and only consent was asked for. */
  readonly pin: string | null
  readonly consent?: PinConsent
}

/**
 * Answers the PIN. Where one try is left, consent is asked for as well, and for a token with a pad of its own nothing else.
 * Throws `token.pin-required` when nobody can be asked, `token.pin-last-try` without consent, `cancelled` when the person
 * gives up.
 */
export type AskPin = (request: PinRequest) => Promise<GivenPin>

/** Whether the next wrong PIN blocks the token, as far as the driver tells. */
export function isLastTry({ state, triesLeft }: PinState): boolean {
  return state === 'last-try' || (triesLeft === 1 && state !== 'locked' && state !== 'not-set')
}

/** Refuses a token whose PIN is blocked already. Throws `token.pin-locked`. */
export function requireNotLocked({ state }: PinState): void {
  if (state === 'locked') throw new AppFailure('token.pin-locked', 'the driver says that the PIN is locked')
}

/** Refuses to send the last PIN unless that was agreed to. Throws `token.pin-last-try`. */
export function requireConsent(pin: PinState, consent: PinConsent | undefined): void {
  if (!isLastTry(pin) || consent?.lastTry === true) return
  throw new AppFailure('token.pin-last-try', 'one try is left, and nobody has agreed to use it')
}
