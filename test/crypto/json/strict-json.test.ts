import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeJson, parseStrictJson } from '../../../crypto/json/strict-json.ts'
import type { JsonValue } from '../../../crypto/json/value.ts'
import { codeOf } from '../../fixtures/refusals.ts'

const options = { maxBytes: 1000, code: 'document.malformed' } as const
const parse = (text: string) => parseStrictJson(Buffer.from(text, 'utf8'), options)

describe('parseStrictJson', () => {
  it.each([
    ['{}', {}],
    ['[]', []],
    [' {"a" : [1 ,\t-2,0]} ', { a: [1, -2, 0] }],
    ['"标封 😀"', '标封 😀'],
    ['"\\u6807\\ud83d\\ude00\\n\\/\\"\\\\\\b\\f\\r\\t"', '标😀\n/"\\\b\f\r\t'],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['[true,false,null]', [true, false, null]],
    ['{"toString":1,"":2}', { toString: 1, '': 2 }],
    ['[[[[[[[[1]]]]]]]]', [[[[[[[[1]]]]]]]]],
  ])('reads %s', (text, value) => {
    expect(parse(text)).toEqual(value)
  })

  it.each([
    ['nothing', ''],
    ['blanks alone', '  '],
    ['two values', '1 2'],
    ['a name twice', '{"a":1,"a":1}'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":1}'],
    ['__proto__', '{"__proto__":1}'],
    ['__proto__ escaped', '{"__pr\\u006fto__":1}'],
    ['constructor', '{"a":[{"constructor":1}]}'],
    ['prototype', '{"prototype":1}'],
    ['a fraction', '1.0'],
    ['an exponent', '1e2'],
    ['2^53', '9007199254740992'],
    ['a number of many digits', '12345678901234567'],
    ['a leading zero', '01'],
    ['a plus', '+1'],
    ['minus zero', '-0'],
    ['a minus alone', '-'],
    ['nine levels', '[[[[[[[[[1]]]]]]]]]'],
    ['a line feed between tokens', '{"a":\n1}'],
    ['a carriage return', '{}\r'],
    ['a byte order mark', '\ufeff{}'],
    ['a raw tab in a string', '"a\tb"'],
    ['a raw NUL in a string', '"a\0b"'],
    ['a lone high surrogate', '"\\ud800"'],
    ['a lone low surrogate', '"\\udc00x"'],
    ['a lone surrogate in a name', '{"\\ud800":1}'],
    ['a noncharacter', '"\\uffff"'],
    ['another noncharacter', '"\\ufdd0"'],
    ['a noncharacter beyond the first plane', '"\\ud83f\\udffe"'],
    ['a bad escape', '"\\x41"'],
    ['a short escape', '"\\u00"'],
    ['a trailing comma', '[1,]'],
    ['a trailing comma in an object', '{"a":1,}'],
    ['a comment', '{}/**/'],
    ['a name without quotes', '{a:1}'],
    ['single quotes', "'a'"],
    ['an unknown word', 'nul'],
    ['a capital word', 'True'],
    ['NaN', 'NaN'],
    ['an open string', '"a'],
    ['an open object', '{"a":1'],
    ['an open array', '[1'],
    ['an escape at the end', '"a\\'],
    ['another blank', '\u00a0{}'],
  ])('refuses %s', async (_what, text) => {
    expect(await codeOf(() => parse(text))).toBe('document.malformed')
  })

  it('refuses bytes that are not UTF-8, among them an encoded surrogate and an overlong form', async () => {
    for (const hex of ['22ff22', '22eda08022', '22c08022', '22f8888080802222']) {
      expect(await codeOf(() => parseStrictJson(Buffer.from(hex, 'hex'), options))).toBe('document.malformed')
    }
  })

  it('refuses a text longer than the limit before it looks at it, under the code it was given', async () => {
    const run = () => parseStrictJson(Buffer.from('{"a":1}'), { maxBytes: 6, code: 'seal.header' })
    expect(await codeOf(run)).toBe('seal.header')
    expect(parseStrictJson(Buffer.from('{"a":1}'), { maxBytes: 7, code: 'seal.header' })).toEqual({ a: 1 })
  })

  it('does not let a name reach a prototype', () => {
    expect(Object.getPrototypeOf(parse('{"a":1}'))).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('encodeJson', () => {
  it('writes one line that reads back as the same value', () => {
    const names = fc
      .string({ unit: 'grapheme' })
      .filter(name => !['__proto__', 'constructor', 'prototype'].includes(name))
    const leaf = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.maxSafeInteger().map(n => n + 0),
      fc.boolean(),
      fc.constant(null),
    )
    const value = fc.oneof(leaf, fc.array(leaf), fc.dictionary(names, fc.oneof(leaf, fc.array(leaf))))
    fc.assert(
      fc.property(value, sample => {
        const plain = JSON.parse(JSON.stringify(sample)) as JsonValue
        const bytes = encodeJson(plain)
        expect(bytes.includes(0x0a)).toBe(false)
        expect(parseStrictJson(bytes, { ...options, maxBytes: 1_000_000 })).toEqual(plain)
      }),
      { numRuns: 200, seed: 20260302 },
    )
  })

  it('refuses what no reader would accept', async () => {
    for (const value of ['\ud800', '\uffff', 1.5, 2 ** 53, { a: '\udc00' }, [[[[[[[[[]]]]]]]]]] as JsonValue[]) {
      expect(await codeOf(() => encodeJson(value))).toBe('document.malformed')
    }
    expect(await codeOf(() => encodeJson({ constructor: 'x' }))).toBe('document.malformed')
  })
})
