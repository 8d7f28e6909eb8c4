export type CurveName = 'P-256' | 'P-384'

/** A curve's numbers as arithmetic on public values needs them. */
export interface Curve {
  /** Order of the base point. */
  readonly order: bigint
  /** Prime of the field. */
  readonly prime: bigint
  /** OpenSSL's name. */
  readonly name: string
  /** Bytes of a coordinate and of a scalar. */
  readonly bytes: number
}

/** From SEC 2, 2.4.2 and 2.5.1. */
export const curves: Readonly<Record<CurveName, Curve>> = {
  'P-256': {
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    prime: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    name: 'prime256v1',
    bytes: 32,
  },
  'P-384': {
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    prime: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    name: 'secp384r1',
    bytes: 48,
  },
}

/** A big-endian number; none is 0. */
export function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

/** A number as big-endian bytes of this many. */
export function toOctets(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex'))
}

/** A number's remainder, never negative. */
export function modulo(value: bigint, modulus: bigint): bigint {
  return ((value % modulus) + modulus) % modulus
}

/** The inverse modulo a prime (extended Euclid). Takes a time that depends on the value: a secret one is blinded before. */
export function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n]
  while (b !== 0n) {
    const quotient = a / b
    ;[a, b, x, y] = [b, a - quotient * b, y, x - quotient * y]
  }
  return modulo(x, modulus)
}
