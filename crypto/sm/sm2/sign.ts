import { CryptoFailure } from '../../errors.ts'
import type { Randomness } from '../../io/ports.ts'
import { systemRandomness } from '../../io/system.ts'
import {
  basePoint,
  order,
  pointBytes,
  pointFrom,
  randomScalar,
  requirePrivateScalar,
  scalarLength,
  scalars,
  toBigInt,
  toBytes32,
} from './curve.ts'
import { readSm2Signature, writeSm2Signature } from './signature.ts'

/**
 * Signs e = SM3(Z ‖ M) with a private key of 32 bytes (GB/T 32918.2, 6.1); answers SEQUENCE { r, s }. The multiplication
 * and the inversion are blinded, yet big integers are not constant-time: soft keys are for practice. `randomness` gives
 * the nonce; only the standard's worked examples bring their own. Throws `cert.unsupported` for a number that is no
 * private key, `arguments.bad` for a digest of another length.
 */
export function sm2SignDigest(
  d: Uint8Array,
  digest: Uint8Array,
  randomness: Randomness = systemRandomness,
): Uint8Array {
  const secret = requirePrivateScalar(d)
  if (digest.length !== scalarLength) throw new CryptoFailure('arguments.bad', 'SM2 signs a digest of 32 bytes')
  const e = toBigInt(digest)
  const blind = randomScalar(systemRandomness)
  const inverse = scalars.mul(scalars.inv(scalars.mul(1n + secret, blind)), blind)
  for (;;) {
    const k = randomScalar(randomness)
    const r = scalars.create(e + basePoint.multiply(k).toAffine().x)
    if (r === 0n || r + k === order) continue
    const s = scalars.mul(inverse, scalars.create(k - r * secret))
    if (s !== 0n) return writeSm2Signature({ r: toBytes32(r), s: toBytes32(s) }, 'der')
  }
}

/**
 * Whether a signature of e = SM3(Z ‖ M) holds under a public key 04 ‖ x ‖ y (GB/T 32918.2, 7.1). Bytes that are no
 * signature, no key or no digest never do; nothing is thrown.
 */
export function sm2VerifyDigest(publicPoint: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const point = pointFrom(publicPoint)
  const numbers = numbersOf(signature)
  if (point === null || numbers === null || digest.length !== scalarLength) return false
  const { r, s } = numbers
  const sum = basePoint.mulAddUnsafe(s, point, scalars.create(r + s))
  return !sum.is0() && scalars.create(toBigInt(digest) + sum.toAffine().x) === r
}

/** The public key of a private key: 04 ‖ x ‖ y. Throws `cert.unsupported` as {@link sm2SignDigest}. */
export function sm2PublicOf(d: Uint8Array): Uint8Array {
  return pointBytes(basePoint.multiply(requirePrivateScalar(d)))
}

/** A fresh private key, 32 bytes. */
export function generateSm2Key(randomness: Randomness = systemRandomness): Uint8Array {
  for (;;) {
    const scalar = randomScalar(randomness)
    if (scalar < order - 1n) return toBytes32(scalar)
  }
}

function numbersOf(signature: Uint8Array): { readonly r: bigint; readonly s: bigint } | null {
  try {
    const { r, s } = readSm2Signature(signature, 'der')
    return { r: toBigInt(r), s: toBigInt(s) }
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}
