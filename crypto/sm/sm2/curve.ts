import { randomBytes } from 'node:crypto'
import { weierstrass, type WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js'
import { CryptoFailure } from '../../errors.ts'
import type { Randomness } from '../../io/ports.ts'
import { coefficientA, fieldPrime, sm2Field } from './field.ts'

/** Bytes of a coordinate, a scalar and a digest. */
export const scalarLength = 32

/** Bytes of a point as it is written: 04, x, y. */
export const pointLength = 65

/** The curve of GB/T 32918.5-2017. */
export const parameters = {
  p: fieldPrime,
  a: coefficientA,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const

/** Order of the base point. */
export const order = parameters.n

export type Point = WeierstrassPoint<bigint>

// The library blinds what it multiplies secrets with; its own generator is a global that Node 18 does not have.
const Points = weierstrass(parameters, {
  Fp: sm2Field,
  randomBytes: length => Uint8Array.from(randomBytes(length ?? 32)),
})

/** G. Its table (some tens of milliseconds) is made when it is first multiplied. */
export const basePoint: Point = Points.BASE

/** Arithmetic modulo the order. */
export const scalars = Points.Fn

/**
 * The point behind 04 ‖ x ‖ y, or null where these are not 65 bytes that say a point of the curve. Infinity has no such
 * form. The cofactor is 1: whatever is on the curve is in the group.
 */
export function pointFrom(bytes: Uint8Array): Point | null {
  if (bytes.length !== pointLength || bytes[0] !== 4) return null
  const x = toBigInt(bytes.subarray(1, 1 + scalarLength))
  const y = toBigInt(bytes.subarray(1 + scalarLength))
  if (x >= fieldPrime || y >= fieldPrime || (x === 0n && y === 0n)) return null
  const point = Points.fromAffine({ x, y })
  try {
    point.assertValidity()
    return point
  } catch {
    return null
  }
}

/** 04 ‖ x ‖ y of a point that is not infinity. */
export function pointBytes(point: Point): Uint8Array {
  const { x, y } = point.toAffine()
  const bytes = new Uint8Array(pointLength)
  bytes[0] = 4
  bytes.set(toBytes32(x), 1)
  bytes.set(toBytes32(y), 1 + scalarLength)
  return bytes
}

/** Whether 65 bytes are a public key: 04 ‖ x ‖ y on the curve, not infinity. */
export function isSm2PublicKey(publicPoint: Uint8Array): boolean {
  return pointFrom(publicPoint) !== null
}

/** The point of a public key, 04 ‖ x ‖ y. Throws `cert.unsupported` for what is not on the curve. */
export function requirePublicPoint(publicPoint: Uint8Array): Point {
  const point = pointFrom(publicPoint)
  if (point === null) throw new CryptoFailure('cert.unsupported', 'the SM2 public key is not a point of the curve')
  return point
}

/** The number of a private key, in [1, n − 2] (GB/T 32918.1, 6.1). Throws `cert.unsupported`. */
export function requirePrivateScalar(d: Uint8Array): bigint {
  const scalar = d.length === scalarLength ? toBigInt(d) : 0n
  // n − 1 has no signature: 1 + d would have no inverse.
  if (scalar === 0n || scalar >= order - 1n) {
    throw new CryptoFailure('cert.unsupported', 'the SM2 private key is not a number of the group')
  }
  return scalar
}

/** A random number in [1, n − 1], every one as likely. */
export function randomScalar(randomness: Randomness): bigint {
  for (;;) {
    const bytes = randomness.bytes(scalarLength)
    const scalar = toBigInt(bytes)
    bytes.fill(0)
    if (scalar > 0n && scalar < order) return scalar
  }
}

/** A big-endian number. */
export function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0
    ? 0n
    : BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`)
}

/** A number below 2^256 as 32 bytes, big-endian. */
export function toBytes32(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * scalarLength, '0'), 'hex'))
}
