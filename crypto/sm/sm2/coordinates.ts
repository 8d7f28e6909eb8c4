import type { DerNode } from '../../der/reader.ts'
import { integerOctets } from '../../der/values.ts'
import { CryptoFailure } from '../../errors.ts'
import { scalarLength } from './curve.ts'

/**
 * A coordinate or scalar out of a DER INTEGER as 32 bytes. DER drops leading zeros and adds a sign byte, so that 31 and 33
 * bytes are met as well (GM/T 0009). Throws `document.malformed` for what is negative, not minimal or above 32 bytes.
 */
export function fixedLength(node: DerNode): Uint8Array {
  const octets = integerOctets(node)
  if ((octets[0] ?? 0) >= 0x80) throw new CryptoFailure('document.malformed', 'DER: a negative INTEGER')
  const digits = octets[0] === 0 ? octets.subarray(1) : octets
  if (digits.length > scalarLength) throw new CryptoFailure('document.malformed', 'an SM2 number above 32 bytes')
  const padded = new Uint8Array(scalarLength)
  padded.set(digits, scalarLength - digits.length)
  return padded
}
