import type { Handle } from 'pkcs11js'
import { CryptoFailure } from '../../errors.ts'
import { CKF, CKR, CKU } from './constants.ts'
import { isCode, toFailure } from './errors.ts'
import type { Pkcs11Library } from './library.ts'
import { pinState, readToken, type TokenSlot } from './slots.ts'

/** A session with the user logged in. */
export interface Login {
  readonly slot: Handle
  readonly session: Handle
}

/**
 * Opens a session and logs the user in: read-only, as everything but making a practice lock is. `pin` is null where the
 * token asks for it itself. A PIN is given to the library once. Throws `token.pin-incorrect`, `token.pin-locked`,
 * `token.removed`, `arguments.bad` when a PIN is needed and there is none.
 */
export function openLogin(
  library: Pkcs11Library,
  token: TokenSlot,
  pin: string | null,
  mode: 'read' | 'write' = 'read',
): Login {
  const { functions } = library
  const pinKnown = pinState(token.flags)
  if (pinKnown.state === 'locked') throw new CryptoFailure('token.pin-locked', 'the token says that its PIN is locked')
  if (pin === null && !pinKnown.protectedPath) throw new CryptoFailure('arguments.bad', 'this token needs a PIN')
  const flags = CKF.serialSession | (mode === 'write' ? CKF.readWriteSession : 0)
  let session: Handle | null = null
  try {
    session = functions.C_OpenSession(token.slot, flags)
    login(library, token, session, pin ?? '')
    return { slot: token.slot, session }
  } catch (error) {
    if (session !== null) closeSession(library, session)
    throw loginFailure(library, token, error)
  }
}

/** Ends the session; logs out first when it was the last one on its token. Never throws: the token may be gone. */
export function closeLogin(library: Pkcs11Library, login: Login, last: boolean): void {
  try {
    if (last) library.functions.C_Logout(login.session)
  } catch {
    // Gone or logged out already.
  }
  closeSession(library, login.session)
}

export function closeSession(library: Pkcs11Library, session: Handle): void {
  try {
    library.functions.C_CloseSession(session)
  } catch {
    // Gone already.
  }
}

function login(library: Pkcs11Library, token: TokenSlot, session: Handle, pin: string): void {
  const { functions } = library
  try {
    functions.C_Login(session, CKU.user, pin)
  } catch (error) {
    if (!isCode(error, CKR.userAlreadyLoggedIn)) throw error
    // The library has not looked at the PIN, and a wrong one must not pass because somebody was logged in.
    functions.C_Logout(session)
    try {
      functions.C_Login(session, CKU.user, pin)
    } catch (second) {
      const needsNoLogin = (token.flags & CKF.loginRequired) === 0
      if (!needsNoLogin || !isCode(second, CKR.userAlreadyLoggedIn)) throw second
    }
  }
}

/** After a wrong PIN the flags are read again: that try may have been the last. */
function loginFailure(library: Pkcs11Library, token: TokenSlot, error: unknown): CryptoFailure {
  const failure = toFailure(error, 'logging in')
  if (failure.code !== 'token.pin-incorrect') return failure
  try {
    const { state } = pinState(readToken(library.functions, token.slot).flags)
    if (state === 'locked')
      return new CryptoFailure('token.pin-locked', `${failure.detail}; the PIN is now locked`, error)
    if (state === 'last-try')
      return new CryptoFailure('token.pin-incorrect', `${failure.detail}; one try is left`, error)
    if (state === 'few-tries')
      return new CryptoFailure('token.pin-incorrect', `${failure.detail}; few tries are left`, error)
    return failure
  } catch {
    return failure
  }
}
