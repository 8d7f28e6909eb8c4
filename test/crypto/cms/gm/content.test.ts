import { describe, expect, it } from 'vitest'
import { decodeSm2Content } from '../../../../crypto/cms/gm/content.ts'
import { expectFailure } from '../../../fixtures/failure.ts'

const key = Uint8Array.from({ length: 32 }, (_, index) => index + 1)
const padded = (...padding: readonly number[]) => Uint8Array.from([...key, ...padding])
const sixteen = new Array<number>(16).fill(0x10)

describe('what a lock answers for the content of an envelope', () => {
  it('is the key itself in 32 bytes, and in 48 without the padding', () => {
    expect(decodeSm2Content(key)).toEqual(key)
    expect(decodeSm2Content(padded(...sixteen))).toEqual(key)
  })

  it('is copied, so that the answer can be wiped', () => {
    for (const answer of [Uint8Array.from(key), padded(...sixteen)]) {
      const decoded = decodeSm2Content(answer)
      answer.fill(0)
      expect(decoded).toEqual(key)
    }
  })

  it('is refused with padding that is not sixteen times 0x10, wherever it differs', () => {
    for (let place = 0; place < 16; place += 1) {
      const padding = sixteen.map((byte, index) => (index === place ? byte ^ 1 : byte))
      expectFailure('seal.key-mismatch', () => decodeSm2Content(padded(...padding)))
    }
    expectFailure('seal.key-mismatch', () => decodeSm2Content(padded(...new Array<number>(16).fill(0))))
  })

  it('is refused in any other length', () => {
    for (const length of [0, 16, 31, 33, 47, 49, 64]) {
      expectFailure('seal.key-mismatch', () => decodeSm2Content(new Uint8Array(length).fill(0x10)))
    }
  })
})
