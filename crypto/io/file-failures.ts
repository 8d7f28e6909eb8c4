import { CryptoFailure } from '../errors.ts'

/** What a failed read of a file is to the caller; one that has been named already stays as it is. */
export function readFailure(error: unknown): CryptoFailure {
  if (error instanceof CryptoFailure) return error
  return new CryptoFailure('input.unreadable', `reading failed (${errorName(error)})`, error)
}

/** What a failed write is to the caller: the disk is full, or something else is wrong with it. */
export function writeFailure(error: unknown): CryptoFailure {
  if (error instanceof CryptoFailure) return error
  const name = errorName(error)
  if (name === 'ENOSPC' || name === 'EDQUOT') return new CryptoFailure('output.disk-full', 'the disk is full', error)
  return new CryptoFailure('output.unwritable', `writing failed (${name})`, error)
}

/** The system's name of an error, such as ENOENT. */
export function errorName(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
