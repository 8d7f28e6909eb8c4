import { describe, expect, it } from 'vitest'
import { PdfBroken } from '../../../../crypto/sign/pdf/broken.ts'
import type { PdfObject } from '../../../../crypto/sign/pdf/objects.ts'
import { PdfParser, WindowEnd } from '../../../../crypto/sign/pdf/parser.ts'
import { serialize } from '../../../../crypto/sign/pdf/serialize.ts'

function parse(text: string, isLast = true): PdfObject {
  return new PdfParser(Buffer.from(text, 'latin1'), isLast).object()
}

function written(text: string): string {
  return Buffer.from(serialize(parse(text))).toString('latin1')
}

describe('the parser of PDF objects', () => {
  it.each([
    ['true', true],
    ['null', null],
    ['-17', -17],
    ['+.5', 0.5],
    ['4.', 4],
    ['--5', -5],
    ['00012', 12],
    ['% a comment\n 7', 7],
  ])('reads %s', (text, value) => {
    expect(parse(text)).toBe(value)
  })

  it.each([
    ['/A#42 ', '/AB'],
    ['(a\\(b\\)\\101\\12(c)\\\r\nd)', '<6128622941 0a286329 64>'.replaceAll(' ', '')],
    ['<48 65 6C6c6F7>', '(Hellop)'],
    ['[1 2 R 3 0 R 4]', '[1 2 R 3 0 R 4]'],
    ['<</Type/Page/Kids[12 0 R]/N<</A(x)>>>>', '<< /Type /Page /Kids [12 0 R] /N << /A (x) >> >>'],
    ['[0.123456 -0.000001 594.95996 1e5]', null],
    ['[0.123456 594.95996 100000]', '[0.123456 594.95996 100000]'],
  ])('writes %s again', (text, again) => {
    if (again === null) expect(() => written(text)).toThrow(PdfBroken)
    else expect(written(text)).toBe(again)
  })

  it.each(['[1 2', '<< /A 1', '(never closed', '<4G>', '<< 1 2 >>', '<< /A >>', ')', '}', '[1 >>', 'endobj', '> x'])(
    'refuses %s',
    text => {
      expect(() => parse(text)).toThrow(PdfBroken)
    },
  )

  it('asks for more bytes where an object goes on after them, wherever it is cut', () => {
    const text = '<< /Type /Page /Box [0 0 595.28 842] /S (a(b)c) /H <0a0b> /R 12 0 R /Q true >> '
    for (let length = 0; length < text.length - 1; length += 1) {
      expect(() => parse(text.slice(0, length), false), text.slice(0, length)).toThrow(WindowEnd)
    }
    expect(parse(text, false)).toMatchObject({ kind: 'dictionary' })
  })

  it('refuses nesting without end, words without end and arrays without end', () => {
    expect(() => parse('['.repeat(1000))).toThrow(/nested too deeply/)
    expect(() => parse(`${'<</A'.repeat(1000)} 1`)).toThrow(/nested too deeply/)
    expect(() => parse(`/${'a'.repeat(5000)}`)).toThrow(/too long/)
    expect(() => parse(`[${'0 '.repeat(1_000_001)}]`)).toThrow(/too long/)
    expect(() => parse(`<${'00'.repeat(5 * 2 ** 20)}>`)).toThrow(/too long/)
  })
})
