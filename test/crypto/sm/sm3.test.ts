import { describe, expect, it } from 'vitest'
import { CryptoFailure } from '../../../crypto/errors.ts'
import { smVariants } from '../../../crypto/sm/kernel/variant.ts'
import { createSm3, sm3 } from '../../../crypto/sm/sm3.ts'
import { createSm3Group } from '../../../crypto/sm/sm3-group.ts'
import { sm3Leaf } from '../../../crypto/sm/sm3-leaf.ts'
import { randomFrom } from '../../setup/scale.ts'
import { Answers, fixedBytes, hex, judgeSm3, unhex } from './judge.ts'

const data = fixedBytes(2 ** 20 + 600, 1)
const around = [-2, -1, 0, 1, 2, 15, 16, 17, 255, 256, 257].map(more => 2 ** 20 + more)

describe.each(smVariants())('SM3, %s', variant => {
  const digestOf = (bytes: Uint8Array): Uint8Array => {
    const digest = createSm3(variant)
    digest.update(bytes)
    return digest.digest()
  }

  it('gives the examples of GB/T 32905-2016', () => {
    expect(hex(digestOf(Buffer.from('abc')))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')
    expect(hex(digestOf(Buffer.from('abcd'.repeat(16))))).toBe(
      'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
    )
  })

  it('gives what OpenSSL gives at every length from 0 to 300', () => {
    const answers = new Answers()
    for (let length = 0; length <= 300; length++) {
      const bytes = data.subarray(length, 2 * length)
      answers.add(digestOf(bytes), () => judgeSm3(bytes), `${length} bytes`)
    }
    answers.expectAll('43f4ffaf21a06ffaacb835eb15e07c5725689d04efa6e2e0dc38c680af656ec6')
  })

  it('gives the same however the bytes are cut', () => {
    const random = randomFrom(2)
    for (let round = 0; round < 20; round++) {
      const bytes = data.subarray(round, round + random(5000))
      const digest = createSm3(variant)
      for (let at = 0; at < bytes.length;) {
        const size = random(3) === 0 ? 0 : 1 + random(400)
        digest.update(bytes.subarray(at, at + size))
        at += size
      }
      expect(hex(digest.digest())).toBe(hex(digestOf(bytes)))
    }
    const single = createSm3(variant)
    for (const byte of data.subarray(0, 300)) single.update(Uint8Array.of(byte))
    expect(hex(single.digest())).toBe(hex(digestOf(data.subarray(0, 300))))
  })

  it('keeps streams apart that go on by turns', () => {
    const [a, b] = [createSm3(variant), createSm3(variant)]
    for (let at = 0; at < 1000; at += 100) {
      a.update(data.subarray(at, at + 100))
      b.update(data.subarray(5000 + at, 5000 + at + 100))
    }
    expect(hex(a.digest())).toBe(hex(digestOf(data.subarray(0, 1000))))
    expect(hex(b.digest())).toBe(hex(digestOf(data.subarray(5000, 6000))))
  })

  it('digests a group of streams of different lengths like each alone', () => {
    const random = randomFrom(3)
    for (let round = 0; round < 40; round++) {
      const streams = Array.from({ length: 1 + (round % 4) }, () => {
        const length = random(4) === 0 ? random(70) : random(20_000)
        return data.subarray(round, round + length)
      })
      const group = createSm3Group(streams.length, variant)
      expect(group.lanes).toBe(streams.length)
      const ends = streams.map(() => 0)
      while (ends.some((end, index) => end < streams[index]!.length)) {
        const step = 64 * (1 + random(20)) + random(2) * random(64)
        group.update(
          streams.map((stream, index) => {
            if (random(5) === 0) return undefined
            const piece = stream.subarray(ends[index], ends[index]! + step)
            ends[index]! += piece.length
            return piece
          }),
        )
      }
      expect(group.digests().map(hex)).toEqual(streams.map(stream => hex(digestOf(stream))))
    }
  })

  it('refuses a group of five', () => {
    expect(() => createSm3Group(5, variant)).toThrow(CryptoFailure)
  })

  it('makes the leaf of four pieces at every length from 0 to 300 and around a chunk', () => {
    const answers = new Answers()
    for (const length of [...Array.from({ length: 301 }, (_, index) => index), ...around]) {
      const chunk = data.subarray(0, length)
      answers.add(sm3Leaf(0, chunk, variant), () => judgeLeaf(0, chunk), `${length} bytes`)
    }
    answers.expectAll('d7503549fd8d4afecf6c65addf79473121a54d7546ac38da40d3f395417115bd')
    expect(hex(sm3Leaf(2, data.subarray(0, 100), variant))).not.toBe(hex(sm3Leaf(0, data.subarray(0, 100), variant)))
  })

  it('hashes the empty chunk as four empty pieces', () => {
    const empty = digestOf(new Uint8Array(0))
    expect(hex(sm3Leaf(0, new Uint8Array(0), variant))).toBe(
      hex(digestOf(Buffer.concat([Uint8Array.of(0), empty, empty, empty, empty]))),
    )
  })
})

it('joins the pieces it is given', () => {
  expect(hex(sm3(unhex('61'), new Uint8Array(0), unhex('6263')))).toBe(hex(sm3(Buffer.from('abc'))))
  expect(hex(sm3())).toBe('1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b')
})

function judgeLeaf(prefix: number, chunk: Uint8Array): Uint8Array {
  const size = Math.ceil(chunk.length / 4)
  const pieces = [0, 1, 2, 3].map(index => judgeSm3(chunk.subarray(index * size, (index + 1) * size)))
  return judgeSm3(Buffer.concat([Uint8Array.of(prefix), ...pieces]))
}
