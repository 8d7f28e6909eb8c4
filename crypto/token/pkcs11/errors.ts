import { CryptoFailure } from '../../errors.ts'
import { CKR } from './constants.ts'

/** The CKR number of an error thrown by the binding, or null when it is not one of the library's. */
export function returnCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('code' in error) || !('method' in error)) return null
  return typeof error.code === 'number' && error.code > 0 ? error.code : null
}

/** `CKR_…` where the binding knows the name, else the number; fit for a failure's detail. */
export function returnCodeName(error: unknown): string {
  const code = returnCode(error)
  if (code === null) return 'an error that is not of PKCS #11'
  const known =
    error instanceof Error && /^CKR_[A-Z0-9_]{1,60}$/.test(error.message) && !error.message.includes('VENDOR')
  return known ? error.message : `0x${code.toString(16).padStart(8, '0')}`
}

/** Whether the error is one of these return codes. */
export function isCode(error: unknown, ...codes: readonly number[]): boolean {
  const code = returnCode(error)
  return code !== null && codes.includes(code)
}

/** Codes with which libraries say that the token was pulled out, or that the session went with it. */
export function isRemoval(error: unknown): boolean {
  return isCode(
    error,
    CKR.deviceError,
    CKR.deviceRemoved,
    CKR.sessionClosed,
    CKR.sessionHandleInvalid,
    CKR.tokenNotPresent,
    CKR.tokenNotRecognized,
    CKR.userNotLoggedIn,
    CKR.cryptokiNotInitialized,
  )
}

/**
 * The failure an error of the library means; `doing` is said in its detail. A failure of our own passes unchanged. Only
 * CKR_PIN_INCORRECT is a wrong PIN: a generic error shown as one would make the user use up the tries.
 */
export function toFailure(error: unknown, doing: string): CryptoFailure {
  if (error instanceof CryptoFailure) return error
  const fact = `${returnCodeName(error)} while ${doing}`
  if (isRemoval(error)) return new CryptoFailure('token.removed', fact, error)
  switch (returnCode(error)) {
    case CKR.pinIncorrect:
      return new CryptoFailure('token.pin-incorrect', fact, error)
    case CKR.pinLocked:
      return new CryptoFailure('token.pin-locked', fact, error)
    case CKR.pinInvalid:
    case CKR.pinLenRange:
    case CKR.pinTooWeak:
      return new CryptoFailure('token.pin-form', `the PIN has a form that this token does not accept (${fact})`, error)
    case CKR.pinExpired:
      return new CryptoFailure(
        'token.unsupported',
        `the PIN must first be changed with the vendor's tool (${fact})`,
        error,
      )
    case CKR.userPinNotInitialized:
      return new CryptoFailure('token.unsupported', `the token has no user PIN yet (${fact})`, error)
    case CKR.functionCanceled:
      return new CryptoFailure('cancelled', `the question on the token was refused (${fact})`, error)
    case null:
      return new CryptoFailure('internal', fact, error)
    default:
      return new CryptoFailure('token.unsupported', fact, error)
  }
}
