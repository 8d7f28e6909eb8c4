import type { TokenSummary } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { ModuleReference, TokenHosts } from '../ports.ts'
import { findToken } from './find-token.ts'
import { type GivenPin, requireConsent, requireNotLocked } from './pin-given.ts'

/** The old PIN with what was agreed to, and the new one. */
export interface ChangedPin extends GivenPin {
  readonly pin: string
  readonly newPin: string
}

export interface ChangePinRequest {
  readonly hosts: TokenHosts
  readonly modules: readonly ModuleReference[]
  readonly uri: string
  /** Asks for both PINs once the token is found and not blocked. Throws `cancelled` and the like. */
  readonly ask: (token: TokenSummary) => Promise<ChangedPin>
}

/**
 * Changes the PIN of a token, with one try of the old one. Answers the token as it was found. Throws `token.*`,
 * `arguments.bad` for a new PIN that is the old one.
 */
export async function changePin({ hosts, modules, uri, ask }: ChangePinRequest): Promise<TokenSummary> {
  const { driver, summary } = await findToken(hosts, modules, uri)
  requireNotLocked(summary.pin)
  if (summary.pin.protectedPath) {
    throw new AppFailure('token.unsupported', 'the PIN of this lock is changed on the lock itself')
  }
  const { pin, newPin, consent } = await ask(summary)
  if (newPin === pin) throw new AppFailure('arguments.bad', 'the new PIN is the old one')
  requireConsent(summary.pin, consent)
  await driver.changePin(summary.uri, { oldPin: pin, newPin, ...consent })
  return summary
}
