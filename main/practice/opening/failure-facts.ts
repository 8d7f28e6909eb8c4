import { CryptoFailure, cryptoFailureCodes } from '../../../crypto/index.ts'
import type { CryptoFailureCode } from '../../../crypto/index.ts'
import { AppFailure, isFailureCode } from '../../contract/failure.ts'

/** A failure as it crosses to another thread or process. */
export interface FailureFacts {
  readonly code: string
  readonly detail: string
}

/** What an error says of itself; `internal` for one of nobody's. */
export function factsOf(error: unknown): FailureFacts {
  if (error instanceof CryptoFailure) return { code: error.code, detail: error.detail }
  if (error instanceof AppFailure) return { code: error.code, detail: error.failure.detail ?? '' }
  return { code: 'internal', detail: error instanceof Error ? error.message : 'thrown' }
}

/** The failure again. */
export function failureOf({ code, detail }: FailureFacts): CryptoFailure | AppFailure {
  if (isCryptoCode(code)) return new CryptoFailure(code, detail)
  return new AppFailure(isFailureCode(code) ? code : 'internal', detail)
}

function isCryptoCode(code: string): code is CryptoFailureCode {
  return (cryptoFailureCodes as readonly string[]).includes(code)
}
