import type { Pkcs11Profile } from '../profiles/driver-profile.ts'

/**
 * The point in a CKA_EC_POINT, 04 ‖ x ‖ y of `length` bytes: DER OCTET STRING as PKCS #11 says, or bare as many libraries
 * have it; where the profile tells which, only that. Null for anything else. The point is not judged.
 */
export function readEcPoint(value: Uint8Array, length: number, form: Pkcs11Profile['ecPoint']): Uint8Array | null {
  if (form !== 'octet-string' && value.length === length && value[0] === uncompressed) return value
  const wrapped = value.length === length + 2 && value[0] === octetStringTag && value[1] === length
  return form !== 'bare' && wrapped && value[2] === uncompressed ? value.subarray(2) : null
}

const uncompressed = 4

/** Points of the curves used here are shorter than 128 bytes, so that their length is one byte. */
const octetStringTag = 4
