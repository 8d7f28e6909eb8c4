import type { Handle } from 'pkcs11js'
import { CryptoFailure } from '../../errors.ts'
import { requireTries } from '../pin-tries.ts'
import type { PinChange } from '../port.ts'
import { CKF, CKR, CKU } from './constants.ts'
import { isCode } from './errors.ts'
import type { Pkcs11Library } from './library.ts'
import { closeSession } from './logins.ts'
import { pinFailure } from './pin.ts'
import { pinState, type TokenSlot } from './slots.ts'

/**
 * Changes the user PIN (C_SetPIN). The old one is tried once. Throws `token.pin-form` for a new PIN outside the bounds that
 * the token tells, before anything is sent, and for one it refuses; `token.pin-incorrect`, `token.pin-locked`,
 * `token.pin-last-try`; `token.unsupported` where the PIN is changed on the token's own pad.
 */
export function changePin(library: Pkcs11Library, token: TokenSlot, { oldPin, newPin, ...consent }: PinChange): void {
  if (pinState(token.flags).protectedPath) {
    throw new CryptoFailure(
      'token.unsupported',
      'the PIN of this token is changed on its own pad or in the vendor’s tool',
    )
  }
  requireForm(token, newPin)
  requireTries(pinState(token.flags), consent)
  const { functions } = library
  let session: Handle | null = null
  try {
    session = functions.C_OpenSession(token.slot, CKF.serialSession | CKF.readWriteSession)
    setPin(library, session, oldPin, newPin)
  } catch (error) {
    throw pinFailure(library, token, error, 'changing the PIN')
  } finally {
    if (session !== null) closeSession(library, session)
  }
}

function setPin({ functions }: Pkcs11Library, session: Handle, oldPin: string, newPin: string): void {
  try {
    functions.C_SetPIN(session, oldPin, newPin)
  } catch (error) {
    // PKCS #11 2.40, 5.5 lets anybody change it who knows the old one; some libraries want a login first.
    if (!isCode(error, CKR.userNotLoggedIn)) throw error
    functions.C_Login(session, CKU.user, oldPin)
    functions.C_SetPIN(session, oldPin, newPin)
  }
}

/** Longest PIN that any token takes; bounds above are not believed. */
const longestPin = 255

function requireForm({ pinLengths }: TokenSlot, newPin: string): void {
  const length = new TextEncoder().encode(newPin).length
  const { least, most } = pinLengths
  const believed = most > 0 && most <= longestPin && least <= most
  if (length === 0 || newPin.includes('\0') || length > longestPin || (believed && (length < least || length > most))) {
    const bounds = believed ? `${least} to ${most} bytes` : 'another form'
    throw new CryptoFailure('token.pin-form', `a new PIN of this token has ${bounds}; nothing was sent`)
  }
}
