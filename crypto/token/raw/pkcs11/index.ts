import { askOf } from '../ask.ts'
import type { RawCallOptions, RawLibrary } from '../raw-call.ts'
import { generalCalls } from './general.ts'
import { objectCalls } from './objects.ts'
import { operationCalls } from './operations.ts'
import { sessionCalls } from './sessions.ts'

/** The functions of PKCS #11 by their names and parameters, over a raw library. */
export type RawPkcs11 = ReturnType<typeof rawPkcs11>

/**
 * Names the functions of a raw PKCS #11 library. An error code is an answer; what throws is what {@link RawLibrary} throws.
 * The options hold for every call. What is not here, and what is to be called wrongly, is called by `raw.call`.
 */
export function rawPkcs11(raw: RawLibrary, options?: RawCallOptions) {
  const ask = askOf(raw, options)
  return { ...generalCalls(ask), ...sessionCalls(ask), ...objectCalls(ask), ...operationCalls(ask) }
}
