import type { PinState } from '../../../crypto/index.ts'
import { type Case, notApplicable, type Outcome, skipped } from './case.ts'

/** What the person who starts a run has agreed to. */
export interface Consent {
  /** PINs may be sent: the right one. */
  readonly pin: boolean
  /** Wrong ones too, as long as two tries are left after each. */
  readonly pinTests: boolean
  /** What is on the token may be changed. */
  readonly writes: boolean
  /** Somebody is there who plugs and unplugs. */
  readonly person: boolean
}

/** Why a PIN is not sent. */
export type PinRefusal = 'pin-locked' | 'pin-not-set' | 'pin-tries-low' | 'pin-not-proven'

/** Tries that must be left after a PIN that turns out to be wrong. */
const triesToLeave = 2

/**
 * Whether the PIN that a person has given may be sent. `proven`: it has been accepted in this run, so that it takes no try. A
 * token that counts nothing is trusted with one PIN, for that is what every program does with it.
 */
export function refuseRightPin(pin: PinState, proven: boolean): PinRefusal | null {
  const refusal = refuseAny(pin)
  if (refusal !== null || proven) return refusal
  return fewLeft(pin) ? 'pin-tries-low' : null
}

/** Whether a wrong PIN may be sent on purpose: only where it is known that two tries are left after it. */
export function refuseWrongPin(pin: PinState, proven: boolean): PinRefusal | null {
  const refusal = refuseAny(pin)
  if (refusal !== null) return refusal
  if (!proven) return 'pin-not-proven'
  return pin.state === 'unknown' && pin.triesLeft === undefined
    ? 'pin-tries-low'
    : fewLeft(pin)
      ? 'pin-tries-low'
      : null
}

function refuseAny({ state }: PinState): PinRefusal | null {
  if (state === 'locked') return 'pin-locked'
  if (state === 'not-set') return 'pin-not-set'
  return state === 'last-try' ? 'pin-tries-low' : null
}

function fewLeft({ state, triesLeft }: PinState): boolean {
  return triesLeft === undefined ? state === 'few-tries' : triesLeft <= triesToLeave
}

/** What a case finds when it is its turn. */
export interface Surroundings {
  readonly consent: Consent
  readonly hasToken: boolean
  /** Why nobody can be logged in any more; null while somebody can. */
  readonly pinRefusal: string | null
  readonly keys: { readonly sign: number; readonly decrypt: number }
}

/** The outcome of a case that lacks what it needs; null when it can run. */
export function outcomeWithout({ needs }: Case, { consent, hasToken, pinRefusal, keys }: Surroundings): Outcome | null {
  const wantsPin = needs.pin === true || needs.pinTests === true
  const wantsToken = wantsPin || needs.token === true || needs.writes === true || needs.keys !== undefined
  if (needs.person === true && !consent.person) return skipped('nobody-there')
  if (needs.writes === true && !consent.writes) return skipped('writes-not-allowed')
  if (needs.pinTests === true && !consent.pinTests) return skipped('pin-tests-not-allowed')
  if (wantsToken && !hasToken) return skipped('no-token')
  if (wantsPin && pinRefusal !== null) return skipped(pinRefusal)
  if (wantsPin && !consent.pin) return skipped('pin-not-given')
  if ((needs.keys === 'sign' || needs.keys === 'both') && keys.sign === 0) return notApplicable('no-signing-key')
  if ((needs.keys === 'decrypt' || needs.keys === 'both') && keys.decrypt === 0)
    return notApplicable('no-decryption-key')
  return null
}
