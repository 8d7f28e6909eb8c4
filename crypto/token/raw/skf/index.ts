import type { SkfExtension } from '../../profiles/driver-profile.ts'
import { askOf, type RawRoom } from '../ask.ts'
import type { RawCallOptions, RawLibrary } from '../raw-call.ts'
import { applicationCalls } from './applications.ts'
import { deviceCalls } from './devices.ts'
import { skfOperationCalls } from './operations.ts'
import { vendorDecrypt } from './vendor-decrypt.ts'

/** The functions of SKF by their names and parameters, over a raw library. */
export type RawSkf = ReturnType<typeof rawSkf>

/**
 * Names the functions of a raw SKF library. An error code is an answer; what throws is what {@link RawLibrary} throws. The
 * options hold for every call. What is not here, and what is to be called wrongly, is called by `raw.call`.
 */
export function rawSkf(raw: RawLibrary, options?: RawCallOptions) {
  const ask = askOf(raw, options)
  return {
    ...deviceCalls(ask),
    ...applicationCalls(ask),
    ...skfOperationCalls(ask),
    /** One call of a vendor's own function, which must be the one of the profile that the library was loaded with. */
    vendorDecrypt: (extension: SkfExtension, container: string, ciphertext: Uint8Array, room: RawRoom) =>
      vendorDecrypt(ask, extension, container, ciphertext, room),
  }
}
