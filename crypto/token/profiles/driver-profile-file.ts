import { check, type Shape } from '../../json/shape.ts'
import { parseStrictJson } from '../../json/strict-json.ts'
import { isJsonObject } from '../../json/value.ts'
import { CryptoFailure } from '../../errors.ts'
import { pkcs11ProfileShape, skfProfileShape } from './driver-profile-shape.ts'
import type { Pkcs11Profile, SkfProfile } from './driver-profile.ts'
import { asOneLine } from './readable-json.ts'
import { parseVendorProfile, profileLimit, type VendorProfile } from './vendor-profile.ts'

/** A profile somebody has written to try a library: all of a vendor's, or only what one driver is told. Unsigned. */
export type DriverProfile =
  | { readonly kind: 'vendor'; readonly vendor: VendorProfile }
  | { readonly kind: 'pkcs11'; readonly profile: Pkcs11Profile }
  | { readonly kind: 'skf'; readonly profile: SkfProfile }

/** Reads a profile of the user's own; which of the three it is shows by its fields. Throws `data.malformed`. */
export function parseDriverProfile(bytes: Uint8Array): DriverProfile {
  const value = parseStrictJson(asOneLine(bytes), { maxBytes: profileLimit, code: 'data.malformed' })
  const fields = isJsonObject(value) ? Object.keys(value) : []
  if (fields.includes('libraries')) return { kind: 'vendor', vendor: parseVendorProfile(bytes) }
  const read = <T>(shape: Shape<T>): T => check(shape, value, 'data.malformed')
  if (fields.some(name => skfFields.includes(name))) return { kind: 'skf', profile: read(skfProfileShape) }
  if (fields.some(name => pkcs11Fields.includes(name))) return { kind: 'pkcs11', profile: read(pkcs11ProfileShape) }
  throw new CryptoFailure('data.malformed', 'this is neither the profile of a vendor nor that of a driver')
}

const pkcs11Fields = fieldNames<Pkcs11Profile>('parameters', 'sm2', 'ecPoint', 'keyPairing')
const skfFields = fieldNames<SkfProfile>('layout', 'convention', 'decrypt', 'sm2Extension', 'rsaExtension')

function fieldNames<T>(...names: readonly (keyof T & string)[]): readonly string[] {
  return names
}
