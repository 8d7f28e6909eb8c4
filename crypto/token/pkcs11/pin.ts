import { CryptoFailure } from '../../errors.ts'
import { toFailure } from './errors.ts'
import type { Pkcs11Library } from './library.ts'
import { pinState, readToken, type TokenSlot } from './slots.ts'

/** What a PIN's refusal means. After a wrong one the flags are read again: that try may have been the last. */
export function pinFailure(library: Pkcs11Library, token: TokenSlot, error: unknown, doing: string): CryptoFailure {
  const failure = toFailure(error, doing)
  if (failure.code !== 'token.pin-incorrect') return failure
  const state = stateNow(library, token)
  if (state === 'locked') {
    return new CryptoFailure('token.pin-locked', `${failure.detail}; the PIN is now locked`, error)
  }
  if (state === 'last-try') {
    return new CryptoFailure('token.pin-incorrect', `${failure.detail}; one try is left`, error)
  }
  if (state === 'few-tries') {
    return new CryptoFailure('token.pin-incorrect', `${failure.detail}; few tries are left`, error)
  }
  return failure
}

function stateNow({ functions }: Pkcs11Library, { slot }: TokenSlot): ReturnType<typeof pinState>['state'] {
  try {
    return pinState(readToken(functions, slot).flags).state
  } catch {
    return 'unknown'
  }
}
