import { CryptoFailure } from '../../errors.ts'
import { requireTries } from '../pin-tries.ts'
import type { PinChange, PinConsent, PinState } from '../port.ts'
import { cText, readUlong, ulong } from './buffers.ts'
import type { SkfConnection, SkfToken } from './connector.ts'
import { pinType, SAR } from './constants.ts'
import { isCode, isRemoval, toFailure } from './errors.ts'
import type { SkfLibrary } from './library.ts'

/** More tries than any token allows: what is above is not believed. */
const triesLimit = 255

/** How many tries are few. */
const few = 3

const noNumber = 0xffffffff

/** Tries that libraries have told with a wrong PIN, by token: some tell them at no other time. */
export class ToldTries {
  readonly #left = new Map<string, number>()

  /** Tries left, or null when nobody has told. */
  of(token: SkfToken): number | null {
    return this.#left.get(keyOf(token)) ?? null
  }

  /** Null, and 0, are not kept: whoever unlocks a token elsewhere need not tell it here. */
  keep(token: SkfToken, left: number | null): void {
    if (left === null || left === 0) this.#left.delete(keyOf(token))
    else this.#left.set(keyOf(token), left)
  }
}

/** What is known of the user PIN of an application; none of it uses up a try. Throws when the token is gone. */
export function readPinState(library: SkfLibrary, connection: SkfConnection, told: ToldTries): PinState {
  const remembered = stateOf(told.of(connection.token), null)
  if (!library.has('SKF_GetPINInfo')) return remembered
  const [most, left, isDefault] = [ulong(noNumber), ulong(noNumber), ulong(noNumber)]
  try {
    library.call('SKF_GetPINInfo', connection.application, pinType.user, most, left, isDefault)
  } catch (error) {
    if (isRemoval(error)) throw error
    return isCode(error, SAR.userPinNotInitialized) ? { state: 'not-set', protectedPath: false } : remembered
  }
  const tries = believed(left)
  const state = tries === null ? remembered : stateOf(tries, believed(most))
  const flag = readUlong(isDefault)
  return flag > 1 ? state : { ...state, isDefault: flag === 1 }
}

/**
 * Gives the user PIN to the library, once. Throws `token.pin-incorrect` with the tries that are left, `token.pin-locked`,
 * `token.pin-last-try` where a wrong one blocks the token and the user has not agreed, `token.pin-form` for a PIN that no
 * token can have, before it is sent; `token.removed`.
 */
export function verifyPin(
  library: SkfLibrary,
  connection: SkfConnection,
  told: ToldTries,
  pin: string,
  consent: PinConsent = {},
): void {
  requireTries(readPinState(library, connection, told), consent)
  const { application } = connection
  const text = pinText(pin)
  try {
    tell(library, connection, told, 'logging in', left => {
      try {
        library.call('SKF_VerifyPIN', application, pinType.user, text, left)
      } catch (error) {
        if (!isCode(error, SAR.alreadyLoggedIn)) throw error
        // The library has not looked at the PIN, and a wrong one must not pass because somebody was logged in.
        library.call('SKF_ClearSecureState', application)
        library.call('SKF_VerifyPIN', application, pinType.user, text, left)
      }
    })
  } finally {
    text.fill(0)
  }
}

/**
 * Changes the user PIN; the old one is tried once. Throws what {@link verifyPin} throws, `token.pin-form` for a new PIN that
 * the token refuses.
 */
export function changePin(
  library: SkfLibrary,
  connection: SkfConnection,
  told: ToldTries,
  { oldPin, newPin, ...consent }: PinChange,
): void {
  if (!library.has('SKF_ChangePIN')) {
    throw new CryptoFailure('token.unsupported', 'the SKF library cannot change a PIN; the vendor’s tool can')
  }
  requireTries(readPinState(library, connection, told), consent)
  const { application } = connection
  const [old, fresh] = [pinText(oldPin), pinText(newPin)]
  try {
    tell(library, connection, told, 'changing the PIN', left => {
      try {
        library.call('SKF_ChangePIN', application, pinType.user, old, fresh, left)
      } catch (error) {
        // The standard lets anybody change it who knows the old one; a library that wants a login first has not tried it.
        if (!isCode(error, SAR.notLoggedIn)) throw error
        library.call('SKF_VerifyPIN', application, pinType.user, old, left)
        library.call('SKF_ChangePIN', application, pinType.user, old, fresh, left)
      }
    })
  } finally {
    old.fill(0)
    fresh.fill(0)
  }
}

function pinText(pin: string): Uint8Array {
  if (pin === '' || pin.includes('\0')) {
    throw new CryptoFailure('token.pin-form', 'an empty PIN, or one with a zero in it')
  }
  return cText(pin)
}

/** Runs what gives a PIN to the library, and judges what comes of it. */
function tell(
  library: SkfLibrary,
  connection: SkfConnection,
  told: ToldTries,
  doing: string,
  give: (left: Uint8Array) => void,
): void {
  const left = ulong(noNumber)
  try {
    give(left)
    told.keep(connection.token, null)
  } catch (error) {
    const failure = toFailure(error, doing)
    if (failure.code !== 'token.pin-incorrect') throw failure
    told.keep(connection.token, believed(left))
    throw wrongPin(library, connection, told, failure, believed(left))
  }
}

/** After a wrong PIN the library is asked again: some give no number with the answer, or a wrong one. The lower one counts. */
function wrongPin(
  library: SkfLibrary,
  connection: SkfConnection,
  told: ToldTries,
  failure: CryptoFailure,
  answered: number | null,
): CryptoFailure {
  const tries = [answered, triesNow(library, connection, told)].filter(number => number !== null)
  if (tries.length === 0) return failure
  const left = Math.min(...tries)
  if (left === 0) {
    return new CryptoFailure('token.pin-locked', `${failure.detail}; the PIN is now locked`, failure.cause)
  }
  const fact = left === 1 ? 'one try is left' : `${left} tries are left`
  return new CryptoFailure('token.pin-incorrect', `${failure.detail}; ${fact}`, failure.cause)
}

function triesNow(library: SkfLibrary, connection: SkfConnection, told: ToldTries): number | null {
  try {
    return readPinState(library, connection, told).triesLeft ?? null
  } catch {
    return null
  }
}

function stateOf(left: number | null, most: number | null): PinState {
  if (left === null) return { state: 'unknown', protectedPath: false }
  const rest = { triesLeft: left, protectedPath: false }
  if (left === 0) return { state: 'locked', ...rest }
  if (left === 1) return { state: 'last-try', ...rest }
  return { state: left <= few && left < (most ?? triesLimit) ? 'few-tries' : 'ok', ...rest }
}

function believed(number: Uint8Array): number | null {
  const value = readUlong(number)
  return value <= triesLimit ? value : null
}

function keyOf({ info, application }: SkfToken): string {
  return `${info.serial}\0${application.text}`
}
