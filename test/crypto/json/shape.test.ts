import { describe, expect, it } from 'vitest'
import * as shape from '../../../crypto/json/shape.ts'
import type { JsonValue } from '../../../crypto/json/value.ts'
import { codeOf } from '../../fixtures/refusals.ts'

const holds = (kind: shape.Shape<unknown>, value: JsonValue): boolean => {
  try {
    shape.check(kind, value, 'document.malformed')
    return true
  } catch {
    return false
  }
}

describe('shapes', () => {
  it.each([
    ['2026-03-02T01:00:00Z', true],
    ['2026-03-02T01:00:00.123456789Z', true],
    ['2024-02-29T23:59:59Z', true],
    ['2026-02-29T00:00:00Z', false],
    ['2026-04-31T00:00:00Z', false],
    ['2026-03-02T24:00:00Z', false],
    ['2026-03-02T23:59:60Z', false],
    ['2026-03-02T01:00:00+00:00', false],
    ['2026-03-02T01:00:00', false],
    ['2026-03-02t01:00:00z', false],
    ['2026-03-02 01:00:00Z', false],
    ['2026-03-02T01:00:00.Z', false],
    ['2026-03-02T01:00:00Z ', false],
  ])('takes %s for a time: %s', (text, expected) => {
    expect(holds(shape.time, text)).toBe(expected)
  })

  it('takes hex of exactly its length, in small letters', () => {
    expect(holds(shape.hex(2), '00ff')).toBe(true)
    for (const text of ['00f', '00ff0', '00FF', '0x00', '00fg', '']) expect(holds(shape.hex(2), text)).toBe(false)
    expect(holds(shape.hexUpTo(2), '00')).toBe(true)
    for (const text of ['', '0', '000', '000000']) expect(holds(shape.hexUpTo(2), text)).toBe(false)
  })

  it('takes base64 only in its one spelling', () => {
    for (const text of ['AA==', 'AAA=', 'AAAA']) expect(holds(shape.base64(3), text)).toBe(true)
    for (const text of ['AB==', 'AA', 'AA=', 'A A=', 'AAAAAA==', 'AA-_', ''])
      expect(holds(shape.base64(3), text)).toBe(false)
  })

  it('takes small-letter UUIDs', () => {
    expect(holds(shape.uuid, '0b9f6c1e-7a4d-4e0a-9b1c-2d3e4f506172')).toBe(true)
    for (const text of ['0B9F6C1E-7A4D-4E0A-9B1C-2D3E4F506172', '0b9f6c1e7a4d4e0a9b1c2d3e4f506172', '']) {
      expect(holds(shape.uuid, text)).toBe(false)
    }
  })

  it('bounds strings, numbers and lists', () => {
    expect(holds(shape.string({ max: 2, min: 1 }), 'ab')).toBe(true)
    for (const value of ['', 'abc', 'a\0', 1, null]) expect(holds(shape.string({ max: 2, min: 1 }), value)).toBe(false)
    expect(holds(shape.integer({ min: 0, max: 9 }), 9)).toBe(true)
    for (const value of [-1, 10, '1', 0.5]) expect(holds(shape.integer({ min: 0, max: 9 }), value)).toBe(false)
    const list = shape.array(shape.boolean, { max: 2, min: 1 })
    expect(holds(list, [true])).toBe(true)
    for (const value of [[], [true, true, true], [1], 'x', {}]) expect(holds(list, value)).toBe(false)
  })

  it('refuses or drops what an object does not know, as told', () => {
    const members = { a: shape.boolean, b: shape.optional(shape.boolean) }
    const strict = shape.object(members, { unknown: 'refuse' })
    const lenient = shape.object(members, { unknown: 'ignore' })
    expect(shape.check(strict, { a: true }, 'seal.inner')).toEqual({ a: true })
    expect(shape.check(lenient, { b: false, c: 1, a: true }, 'seal.inner')).toEqual({ a: true, b: false })
    for (const value of [{ a: true, c: 1 }, { b: true }, { a: null }, { a: true, b: null }, [], 'x', null]) {
      expect(holds(strict, value)).toBe(false)
    }
  })

  it('does not take an inherited name for a member', () => {
    const strange = shape.object({ toString: shape.optional(shape.boolean) }, { unknown: 'refuse' })
    expect(shape.check(strange, {}, 'seal.inner')).toEqual({})
  })

  it('names the place and gives the code that was asked for', async () => {
    const nested = shape.object({ list: shape.array(shape.boolean, { max: 9 }) }, { unknown: 'refuse' })
    const run = () => shape.check(nested, { list: [true, 1] }, 'seal.header')
    expect(await codeOf(run)).toBe('seal.header')
    expect(run).toThrow(/document\.list\[1\]/)
  })

  it('tells one literal or word from another', () => {
    expect(holds(shape.literal(1), 1)).toBe(true)
    expect(holds(shape.literal(1), '1')).toBe(false)
    expect(holds(shape.oneOf(['a', 'b']), 'b')).toBe(true)
    expect(holds(shape.oneOf(['a', 'b']), 'c')).toBe(false)
  })
})
