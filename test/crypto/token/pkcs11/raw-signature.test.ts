import { randomBytes, randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { concat } from '../../../../crypto/der/writer.ts'
import { type RawSignature, splitSignature } from '../../../../crypto/token/pkcs11/raw-signature.ts'
import { expectFailure } from '../../../fixtures/failure.ts'

/** A number of this many bytes that begins with so many zeros. */
function numberWith(zeros: number, length: number): Uint8Array {
  const number = Uint8Array.from(randomBytes(length))
  number.fill(0, 0, zeros)
  number[zeros] = randomInt(1, 256)
  return number
}

/** Judges as the signature's own check does: only the right numbers hold. */
function only(r: Uint8Array, s: Uint8Array) {
  return ([first, second]: RawSignature) => Buffer.compare(first, r) === 0 && Buffer.compare(second, s) === 0
}

function stripped(number: Uint8Array): Uint8Array {
  return number.subarray(number.findIndex(byte => byte !== 0))
}

describe.each([32, 48])('r ‖ s of a library, %d bytes each', half => {
  it('of full length is taken apart without a check', () => {
    const [r, s] = [numberWith(1, half), numberWith(2, half)]
    const never = () => {
      throw new Error('asked')
    }
    expect(splitSignature(concat(r, s), half, never)).toEqual([r, s])
  })

  it('is the same signature without the leading zeros of r, of s, of both, or of the whole', () => {
    for (let round = 0; round < 300; round += 1) {
      const [r, s] = [numberWith(round % 4, half), numberWith((round >> 2) % 4, half)]
      for (const answer of [
        concat(stripped(r), stripped(s)),
        concat(stripped(r), s),
        concat(r, stripped(s)),
        stripped(concat(r, s)),
      ]) {
        expect(splitSignature(answer, half, only(r, s))).toEqual([r, s])
      }
    }
  })

  it('that holds in no way is still answered, for its caller refuses it', () => {
    expect(splitSignature(new Uint8Array(2 * half - 1).fill(7), half, () => false)).toHaveLength(2)
  })

  it('is none of an impossible length', () => {
    for (const length of [0, 1, 2 * half - 9, 2 * half + 1, 1024]) {
      expectFailure('token.unsupported', () => splitSignature(new Uint8Array(length).fill(1), half, () => true))
    }
  })
})
