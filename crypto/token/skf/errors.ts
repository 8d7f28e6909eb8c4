import { CryptoFailure } from '../../errors.ts'
import { codeNames, SAR } from './constants.ts'

/** A function of an SKF library answered something else than SAR_OK. */
export class SkfError extends Error {
  override readonly name = 'SkfError'
  /** SAR_…, or a vendor's own. */
  readonly code: number

  constructor(functionName: string, code: number) {
    super(`${functionName}: ${codeName(code)}`)
    this.code = code
  }
}

/** Whether the error is one of these codes of the library. */
export function isCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof SkfError && codes.includes(error.code)
}

/**
 * Codes with which libraries say that the token was pulled out, or that the login went with it. A handle is only ever used
 * while it is good, so that one which is refused went with its token.
 */
export function isRemoval(error: unknown): boolean {
  return isCode(error, SAR.deviceRemoved, SAR.invalidHandle, SAR.notLoggedIn)
}

/**
 * The failure an error of the library means; `doing` is said in its detail. A failure of our own passes unchanged. Only
 * SAR_PIN_INCORRECT is a wrong PIN: a generic error shown as one would make the user use up the tries.
 */
export function toFailure(error: unknown, doing: string): CryptoFailure {
  if (error instanceof CryptoFailure) return error
  if (!(error instanceof SkfError)) {
    return new CryptoFailure('internal', `an error that is not of SKF while ${doing}`, error)
  }
  const fact = `${error.message} while ${doing}`
  if (isRemoval(error)) return new CryptoFailure('token.removed', fact, error)
  switch (error.code) {
    case SAR.pinIncorrect:
      return new CryptoFailure('token.pin-incorrect', fact, error)
    case SAR.pinLocked:
      return new CryptoFailure('token.pin-locked', fact, error)
    case SAR.pinInvalid:
    case SAR.pinLength:
      return new CryptoFailure('token.pin-form', `the PIN has a form that this token does not accept (${fact})`, error)
    case SAR.userPinNotInitialized:
      return new CryptoFailure('token.unsupported', `the token has no user PIN yet (${fact})`, error)
    case SAR.applicationExists:
      return new CryptoFailure('token.not-blank', fact, error)
    default:
      return new CryptoFailure('token.unsupported', fact, error)
  }
}

/** For a length or number that no conforming library answers: memory beyond it is never read. */
export function absurd(functionName: string, value: number): CryptoFailure {
  return new CryptoFailure(
    'token.unsupported',
    `${functionName} answered ${value}, which cannot be; the driver is faulty`,
  )
}

/** `SAR_…` for the codes of the standard, else the number in hexadecimal. */
export function codeName(code: number): string {
  const name = code > 0x0a000000 ? codeNames[code - 0x0a000001] : undefined
  return name === undefined ? `vendor error 0x${code.toString(16).padStart(8, '0')}` : `SAR_${name}`
}
