import { CryptoFailure } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { Failure } from '../contract/failure.ts'

/**
 * What was thrown, as the plain data that may cross to a front end. Our own failures keep their code; anything else is
 * a fault of the program: `internal`, with nothing of its text (it could hold a path or worse).
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof AppFailure) return error.failure
  if (error instanceof CryptoFailure) return cryptoFailure(error)
  if (error instanceof Error && error.name === 'AbortError') return { code: 'cancelled' }
  return { code: 'internal', detail: 'a fault of the program' }
}

function cryptoFailure({ code, detail, cause }: CryptoFailure): Failure {
  const chain = cause instanceof CryptoFailure && cause.code.startsWith('cert.') ? cause.code : undefined
  return { code, detail, ...(chain === undefined ? {} : { because: chain }) }
}
