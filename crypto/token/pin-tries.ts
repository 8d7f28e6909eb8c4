import { CryptoFailure } from '../errors.ts'
import type { PinConsent, PinState } from './port.ts'

/**
 * Before a PIN is sent: throws `token.pin-locked` where another try is useless, `token.pin-last-try` where a wrong one
 * blocks the token and the user has not agreed to that. What the token does not tell cannot be known.
 */
export function requireTries({ state }: PinState, { lastTry = false }: PinConsent): void {
  if (state === 'locked') throw new CryptoFailure('token.pin-locked', 'the token says that its PIN is locked')
  if (state === 'last-try' && !lastTry) {
    throw new CryptoFailure('token.pin-last-try', 'one try is left, and a wrong PIN locks the token; nothing was sent')
  }
}
