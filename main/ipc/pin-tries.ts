import { CryptoFailure } from '../../crypto/index.ts'
import type { PinConsent, PinState, TokenDriver, TokenSession } from '../../crypto/index.ts'
import type { PinQuestion } from '../contract/pin.ts'
import { isLastTry } from '../services/index.ts'
import type { AskPin, TokenHosts } from '../services/index.ts'
import type { PinDesk } from './pin-desk.ts'

/** Locks whose wrong PINs are asked for again. */
export interface AskingLocks {
  readonly hosts: TokenHosts
  readonly askPin: AskPin
}

/** Where the driver does not count, this many wrong PINs in a row are the end of it. */
const blindTries = 2

/**
 * The token hosts of one job, which ask for the PIN again when it was wrong: only while the driver says that more than one
 * try is left, and once more where it counts none. The last try is never taken without a new job, which shows that it is the last before a PIN is typed.
 */
export function askingLocks(
  hosts: TokenHosts,
  desk: PinDesk,
  purpose: PinQuestion['purpose'],
  signal: AbortSignal,
): AskingLocks {
  return {
    askPin: ({ token }) => desk.ask({ token, purpose, wrong: false }, signal),
    hosts: {
      driver: module => asking(hosts.driver(module)),
      close: () => hosts.close(),
    },
  }

  function asking(driver: TokenDriver): TokenDriver {
    return { ...driver, login: (uri, pin, consent) => login(driver, uri, pin, consent) }
  }

  async function login(
    driver: TokenDriver,
    uri: string,
    firstPin: string | null,
    consent: PinConsent | undefined,
  ): Promise<TokenSession> {
    let pin = firstPin
    for (let wrongTries = 1; ; wrongTries += 1) {
      try {
        // Consent is to one try, the first: a second one of the last cannot be.
        return await (wrongTries === 1 ? driver.login(uri, pin, consent) : driver.login(uri, pin))
      } catch (error) {
        if (pin === null || !(error instanceof CryptoFailure) || error.code !== 'token.pin-incorrect') throw error
        const token = (await driver.list()).find(each => each.uri === uri)
        if (token === undefined || !mayAskAgain(token.pin, wrongTries)) throw error
        pin = (await desk.ask({ token, purpose, wrong: true }, signal)).pin
      }
    }
  }
}

function mayAskAgain(pin: PinState, wrongTries: number): boolean {
  if (pin.state === 'locked' || pin.state === 'not-set' || isLastTry(pin)) return false
  return pin.triesLeft === undefined ? wrongTries < blindTries : pin.triesLeft > 1
}
