import { sm3 } from '../sm3.ts'
import { CryptoFailure } from '../../errors.ts'
import { parameters, requirePublicPoint, toBytes32 } from './curve.ts'

/** The distinguishing identifier everybody uses (GM/T 0009, 10): the 16 characters 1234567812345678. */
export const defaultSm2Id: Uint8Array = Uint8Array.from(Buffer.from('1234567812345678', 'latin1'))

/** Longest identifier: its length in bits stands in two bytes. */
const maxIdLength = 8191

const curveBytes = [parameters.a, parameters.b, parameters.Gx, parameters.Gy].map(toBytes32)

/**
 * Z, the digest of who signs (GB/T 32918.2, 5.5): SM3(ENTL ‖ ID ‖ a ‖ b ‖ xG ‖ yG ‖ x ‖ y), 32 bytes. Throws
 * `cert.unsupported` for a point that is not on the curve, `arguments.bad` for an identifier above 8,191 bytes.
 */
export function sm2Z(publicPoint: Uint8Array, id: Uint8Array = defaultSm2Id): Uint8Array {
  requirePublicPoint(publicPoint)
  if (id.length > maxIdLength) throw new CryptoFailure('arguments.bad', 'an SM2 identifier above 8,191 bytes')
  const bits = id.length * 8
  return sm3(Uint8Array.of(bits >> 8, bits & 0xff), id, ...curveBytes, publicPoint.subarray(1))
}

/** e = SM3(Z ‖ M), what SM2 signs (GB/T 32918.2, 6.1). Throws as {@link sm2Z}. */
export function sm2Digest(publicPoint: Uint8Array, message: Uint8Array, id: Uint8Array = defaultSm2Id): Uint8Array {
  return sm3(sm2Z(publicPoint, id), message)
}
