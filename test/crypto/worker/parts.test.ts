import { expect, describe, it } from 'vitest'
import { newBoard, openBoard } from '../../../crypto/worker/board.ts'
import { newChunkClaims, openChunkClaims } from '../../../crypto/worker/chunk-claims.ts'
import { newRing, openRing } from '../../../crypto/worker/ring.ts'
import { layOut } from '../../../crypto/worker/stretches.ts'

describe('stretches', () => {
  const laid = layOut(['', 'abc', '', 'de', ''], text => text.length)
  const within = (offset: number, length: number) => {
    const found: (readonly [string, number])[] = []
    laid.within(offset, length, (text, from, at, count) => found.push([text.slice(from, from + count), at]))
    return found
  }

  it('give what lies within a range, cut to it, and nothing that is empty', () => {
    expect(within(0, 5)).toEqual([
      ['abc', 0],
      ['de', 3],
    ])
    expect(within(2, 2)).toEqual([
      ['c', 0],
      ['d', 1],
    ])
    expect(within(3, 1)).toEqual([['d', 0]])
    expect(within(2, 0)).toEqual([])
    expect(within(5, 7)).toEqual([])
    layOut<string>([], text => text.length).within(0, 9, () => expect.fail('there is nothing'))
  })

  it('agree with slicing at every offset of many pieces', () => {
    const pieces = Array.from({ length: 40 }, (_, index) => String.fromCharCode(97 + (index % 26)).repeat(index % 5))
    const text = pieces.join('')
    const many = layOut(pieces, piece => piece.length)
    for (let offset = 0; offset <= text.length; offset += 1) {
      for (const length of [0, 1, 2, 7, 100]) {
        let found = ''
        many.within(offset, length, (piece, from, _at, count) => (found += piece.slice(from, from + count)))
        expect(found).toBe(text.slice(offset, offset + length))
      }
    }
  })
})

describe('a board', () => {
  it('gives every unit once, from the first on', () => {
    const shared = newBoard(3, 2)
    const [one, other] = [openBoard(shared), openBoard(shared)]
    expect([one.claim(6), other.claim(6), one.claim(6), other.claim(6)]).toEqual([3, 4, 5, null])
  })

  it('counts units and bytes of two kinds apart', () => {
    const board = openBoard(newBoard(3, 2))
    expect([board.claimOther(1), board.claim(9), board.claimOther(1)]).toEqual([0, 3, null])
    board.count(5)
    board.countOther(2 ** 33)
    expect([board.done, board.otherDone, board.threads]).toEqual([5, 2 ** 33, 2])
  })

  it('gives a unit below a limit only', () => {
    const board = openBoard(newBoard(0, 2))
    expect(board.claimBelow(2, () => 0)).toBe('wait')
    expect(board.claimBelow(2, () => 5)).toBe(0)
    expect(board.claimBelow(2, () => 5)).toBe(1)
    expect(board.claimBelow(2, () => 5)).toBe(null)
  })

  it('lets a thread in unless it has been barred before', () => {
    const board = openBoard(newBoard(0, 2))
    expect([board.enter(0), board.bar(0)]).toEqual([true, false])
    expect([board.bar(1), board.enter(1)]).toEqual([true, false])
  })

  it('counts beyond 4 GiB, and stops everybody', () => {
    const shared = newBoard(0, 2)
    const [one, other] = [openBoard(shared), openBoard(shared)]
    one.count(2 ** 32)
    other.count(5)
    expect(one.done).toBe(2 ** 32 + 5)
    one.throwIfStopped()
    const seen = one.rings
    other.stop()
    expect(one.stopped).toBe(true)
    expect(one.rings).not.toBe(seen)
    expect(() => one.throwIfStopped()).toThrow('cancelled')
  })
})

describe('claims of chunks', () => {
  it('give each chunk to the first who asks, whichever thread it is, and know how many are left', () => {
    const shared = newChunkClaims(5, 2)
    const [one, other] = [openChunkClaims(shared), openChunkClaims(shared)]
    expect(one.left).toBe(3)
    expect([one.take(4), other.take(4), other.take(2), one.take(2), one.take(3)]).toEqual([
      true,
      false,
      true,
      false,
      true,
    ])
    expect(other.left).toBe(0)
  })
})

describe('a ring', () => {
  it('holds a chunk until it is taken, and limits how far anybody may be ahead', () => {
    const ring = openRing(newRing(2), openBoard(newBoard(0, 2)))
    expect(ring.limit()).toBe(2)
    expect(ring.ready(0)).toBe(null)
    ring.fill(1, Uint8Array.of(7))
    ring.fill(0, Uint8Array.of(5, 6))
    expect(ring.ready(0)?.subarray(0, 2)).toEqual(Uint8Array.of(5, 6))
    expect(ring.ready(1)?.[0]).toBe(7)
    ring.release(1)
    expect(ring.limit()).toBe(3)
    ring.fill(2, Uint8Array.of(9))
    expect(ring.ready(0)).toBe(null)
    expect(ring.ready(2)?.[0]).toBe(9)
  })
})
