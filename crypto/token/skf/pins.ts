import { CryptoFailure } from '../../errors.ts'
import type { PinState } from '../port.ts'
import { cText, readUlong, ulong } from './buffers.ts'
import { pinType, SAR } from './constants.ts'
import { isCode, isRemoval, toFailure } from './errors.ts'
import type { SkfLibrary } from './library.ts'

/** More tries than any token allows: what is above is not believed. */
const triesLimit = 255

/** How many tries are few. */
const few = 3

const noNumber = 0xffffffff

/** What the library tells of the user PIN of an application; none of it uses up a try. Throws when the token is gone. */
export function readPinState(library: SkfLibrary, application: bigint): PinState {
  if (!library.has('SKF_GetPINInfo')) return unknown
  const [most, left, isDefault] = [ulong(noNumber), ulong(noNumber), ulong()]
  try {
    library.call('SKF_GetPINInfo', application, pinType.user, most, left, isDefault)
  } catch (error) {
    if (isRemoval(error)) throw error
    return isCode(error, SAR.userPinNotInitialized) ? { state: 'not-set', protectedPath: false } : unknown
  }
  return stateOf(believed(left), believed(most))
}

/**
 * Gives the user PIN to the library, once. Throws `token.pin-incorrect` with the tries that are left, `token.pin-locked`,
 * `token.pin-form` for a PIN that no token can have, before it is sent; `token.removed`.
 */
export function verifyPin(library: SkfLibrary, application: bigint, pin: string): void {
  if (readPinState(library, application).state === 'locked') {
    throw new CryptoFailure('token.pin-locked', 'the token says that its PIN is locked')
  }
  if (pin === '' || pin.includes('\0'))
    throw new CryptoFailure('token.pin-form', 'an empty PIN, or one with a zero in it')
  const text = cText(pin)
  const left = ulong(noNumber)
  const verify = (): void => library.call('SKF_VerifyPIN', application, pinType.user, text, left)
  try {
    try {
      verify()
    } catch (error) {
      if (!isCode(error, SAR.alreadyLoggedIn)) throw error
      // The library has not looked at the PIN, and a wrong one must not pass because somebody was logged in.
      library.call('SKF_ClearSecureState', application)
      verify()
    }
  } catch (error) {
    throw verifyFailure(library, application, error, believed(left))
  } finally {
    text.fill(0)
  }
}

const unknown: PinState = { state: 'unknown', protectedPath: false }

/** After a wrong PIN the library is asked again: some give no number with the answer, or a wrong one. The lower one counts. */
function verifyFailure(library: SkfLibrary, application: bigint, error: unknown, told: number | null): CryptoFailure {
  const failure = toFailure(error, 'logging in')
  if (failure.code !== 'token.pin-incorrect') return failure
  const tries = [told, triesNow(library, application)].filter(number => number !== null)
  if (tries.length === 0) return failure
  const left = Math.min(...tries)
  if (left === 0) return new CryptoFailure('token.pin-locked', `${failure.detail}; the PIN is now locked`, error)
  const fact = left === 1 ? 'one try is left' : `${left} tries are left`
  return new CryptoFailure('token.pin-incorrect', `${failure.detail}; ${fact}`, error)
}

function triesNow(library: SkfLibrary, application: bigint): number | null {
  try {
    const { state, triesLeft } = readPinState(library, application)
    return state === 'locked' ? 0 : (triesLeft ?? null)
  } catch {
    return null
  }
}

function stateOf(left: number | null, most: number | null): PinState {
  if (left === null) return unknown
  const rest = { triesLeft: left, protectedPath: false }
  if (left === 0) return { state: 'locked', ...rest }
  if (left === 1) return { state: 'last-try', ...rest }
  return { state: left <= few && left < (most ?? triesLimit) ? 'few-tries' : 'ok', ...rest }
}

function believed(number: Uint8Array): number | null {
  const value = readUlong(number)
  return value <= triesLimit ? value : null
}
