import { describe, expect, it } from 'vitest'
import { hkdfSm3 } from '../../../crypto/sm/hkdf-sm3.ts'
import { hmacSm3 } from '../../../crypto/sm/hmac-sm3.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { wycheproof } from '../../setup/vectors.ts'
import { Answers, fixedBytes, hex, judgeHmac, unhex } from './judge.ts'

describe('HMAC-SM3', () => {
  it('gives what OpenSSL gives for keys shorter and longer than a block', () => {
    const answers = new Answers()
    for (const keyLength of [0, 1, 16, 32, 63, 64, 65, 128, 200]) {
      for (const length of [0, 1, 55, 56, 64, 300]) {
        const [key, message] = [fixedBytes(keyLength, 10 + keyLength), fixedBytes(length, 20 + length)]
        answers.add(hmacSm3(key, message), () => judgeHmac(key, message), `${keyLength}, ${length}`)
      }
    }
    answers.expectAll('15f2854d15382023c7fffcae2e6de1e4e69aeb5e7b295113b63899be3d273bda')
  })

  it('joins the pieces of the message, and leaves them and the key as they are', () => {
    const [key, message] = [fixedBytes(80, 1), fixedBytes(100, 2)]
    expect(hex(hmacSm3(key, message.subarray(0, 30), message.subarray(30)))).toBe(hex(hmacSm3(key, message)))
    expect(key).toEqual(fixedBytes(80, 1))
    expect(message).toEqual(fixedBytes(100, 2))
  })

  it('holds for the vectors of Wycheproof', context => {
    const { testGroups } = wycheproof(context, 'hmac_sm3_test.json') as MacFile
    let judged = 0
    for (const { tagSize, tests } of testGroups) {
      for (const { tcId, key, msg, tag, result } of tests) {
        const own = hex(hmacSm3(unhex(key), unhex(msg)).subarray(0, tagSize / 8))
        expect(own === tag, `vector ${tcId}`).toBe(result === 'valid')
        judged += 1
      }
    }
    expect(judged).toBe(174)
  })
})

describe('HKDF-SM3', () => {
  it('extracts and expands as RFC 5869 writes it', () => {
    const [key, salt, info] = [fixedBytes(32, 1), fixedBytes(16, 2), fixedBytes(50, 3)]
    const pseudorandomKey = hmacSm3(salt, key)
    const first = hmacSm3(pseudorandomKey, info, Uint8Array.of(1))
    const second = hmacSm3(pseudorandomKey, first, info, Uint8Array.of(2))
    expect(hex(hkdfSm3(key, salt, info, 50))).toBe((hex(first) + hex(second)).slice(0, 100))
    expect(hex(hkdfSm3(key, salt, info, 16))).toBe(hex(first).slice(0, 32))
    expect(hkdfSm3(key, salt, info, 0)).toHaveLength(0)
  })

  it('takes an empty salt for one of zeros', () => {
    const key = fixedBytes(32, 1)
    const empty = new Uint8Array(0)
    expect(hex(hkdfSm3(key, empty, empty, 32))).toBe(hex(hkdfSm3(key, new Uint8Array(32), empty, 32)))
  })

  it('gives at most 255 digests', () => {
    const key = fixedBytes(32, 1)
    expect(hkdfSm3(key, key, key, 255 * 32)).toHaveLength(255 * 32)
    for (const length of [255 * 32 + 1, -1, 1.5]) expectFailure('arguments.bad', () => hkdfSm3(key, key, key, length))
  })
})

interface MacFile {
  readonly testGroups: readonly {
    readonly tagSize: number
    readonly tests: readonly {
      readonly tcId: number
      readonly key: string
      readonly msg: string
      readonly tag: string
      readonly result: string
    }[]
  }[]
}
