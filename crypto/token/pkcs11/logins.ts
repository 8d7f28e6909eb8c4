import type { Handle } from 'pkcs11js'
import { CryptoFailure } from '../../errors.ts'
import { requireTries } from '../pin-tries.ts'
import type { PinConsent } from '../port.ts'
import { CKF, CKR, CKU } from './constants.ts'
import { isCode } from './errors.ts'
import type { Pkcs11Library } from './library.ts'
import { pinFailure } from './pin.ts'
import { pinState, type TokenSlot } from './slots.ts'

/** A session with the user logged in. */
export interface Login {
  readonly slot: Handle
  readonly session: Handle
}

/** How a login is opened. */
export interface LoginOptions {
  /** Read-only, as everything but making a practice lock is, unless told otherwise. */
  readonly mode?: 'read' | 'write'
  readonly consent?: PinConsent
}

/**
 * Opens a session and logs the user in. `pin` is null where the token asks for it itself. A PIN is given to the library
 * once. Throws `token.pin-incorrect`, `token.pin-locked`, `token.pin-last-try` without the user's consent, `token.removed`,
 * `arguments.bad` when a PIN is needed and there is none.
 */
export function openLogin(
  library: Pkcs11Library,
  token: TokenSlot,
  pin: string | null,
  { mode = 'read', consent = {} }: LoginOptions = {},
): Login {
  const { functions } = library
  requireTries(pinState(token.flags), consent)
  if (pin === null && !pinState(token.flags).protectedPath)
    throw new CryptoFailure('arguments.bad', 'this token needs a PIN')
  const flags = CKF.serialSession | (mode === 'write' ? CKF.readWriteSession : 0)
  let session: Handle | null = null
  try {
    session = functions.C_OpenSession(token.slot, flags)
    login(library, token, session, pin ?? '')
    return { slot: token.slot, session }
  } catch (error) {
    if (session !== null) closeSession(library, session)
    throw pinFailure(library, token, error, 'logging in')
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
