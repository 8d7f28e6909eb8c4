import { AppFailure } from '../../contract/failure.ts'
import type { FailureCode } from '../../contract/failure.ts'

/** The network, a proxy, or a platform that is full or busy: the same may get through later, and is asked again. */
export function isPassing(error: unknown): error is AppFailure {
  return error instanceof AppFailure && passing.includes(error.code)
}

/**
 * Whether the platform has looked at what it was sent and does not take it: the same bytes again come to nothing. Its close
 * is no word about the document, and what cannot be read as an answer is none.
 */
export function isRefused(error: unknown): error is AppFailure {
  return (
    error instanceof AppFailure &&
    (refusals.includes(error.code) || /^(cert|document|seal|tender|opening)\./.test(error.code))
  )
}

const passing: readonly FailureCode[] = [
  'platform.unreachable',
  'platform.proxy',
  'platform.storage',
  'platform.queued',
]

const refusals: readonly FailureCode[] = [
  'platform.refused',
  'platform.unknown',
  'platform.nonce',
  'platform.unsealed',
  'platform.late',
]
