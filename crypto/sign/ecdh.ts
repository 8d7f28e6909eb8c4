import { createECDH, type KeyObject } from 'node:crypto'
import { isEcPoint } from '../cert/public-key.ts'
import { type CurveName, curves } from './ec-curve.ts'

/** The curve of a private key that node holds; null for any key but one of P-256 or P-384. */
export function curveOf(privateKey: KeyObject): CurveName | null {
  const { namedCurve } = privateKey.asymmetricKeyDetails ?? {}
  const known = (['P-256', 'P-384'] as const).find(curve => curves[curve].name === namedCurve)
  return known ?? null
}

/**
 * The secret that a soft key agrees with a point of its curve: the x coordinate, 32 or 48 bytes; the caller wipes it. Null
 * for bytes that are no such point.
 */
export function agreeSecret(privateKey: KeyObject, curve: CurveName, point: Uint8Array): Uint8Array | null {
  // SECURITY: a point off the curve would give away the key, piece by piece.
  if (!isEcPoint(point, curve)) return null
  const secret = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')
  const ecdh = createECDH(curves[curve].name)
  try {
    ecdh.setPrivateKey(secret)
    return ecdh.computeSecret(point)
  } finally {
    secret.fill(0)
  }
}
