import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { PdfBroken } from '../../../../crypto/sign/pdf/broken.ts'
import { decodeStream } from '../../../../crypto/sign/pdf/filters.ts'
import { array, dictionary, name, type PdfObject } from '../../../../crypto/sign/pdf/objects.ts'

const limit = 1024 * 1024

function decode(entries: Readonly<Record<string, PdfObject>>, bytes: Uint8Array): string {
  return Buffer.from(decodeStream(dictionary(entries), bytes, limit)).toString('latin1')
}

const flate = { Filter: name('FlateDecode') }

describe('the filters of the file structure', () => {
  it('inflates, also what is cut short', () => {
    const deflated = deflateSync(Buffer.from('hello '.repeat(1000)))
    expect(decode(flate, deflated)).toBe('hello '.repeat(1000))
    expect(decode(flate, deflated.subarray(0, -6))).toMatch(/^hello hello/)
  })

  it('refuses a bomb before it is in memory', () => {
    const bomb = deflateSync(Buffer.alloc(8 * 2 ** 20))
    expect(() => decode(flate, bomb)).toThrow(PdfBroken)
  })

  it('undoes every PNG predictor', () => {
    const rows = [
      [0, 1, 2, 3, 4],
      [1, 1, 1, 1, 1],
      [2, 1, 1, 1, 1],
      [3, 1, 1, 1, 1],
      [4, 1, 1, 1, 1],
    ]
    const parameters = dictionary({ Predictor: 12, Columns: 4 })
    const decoded = decodeStream(
      dictionary({ ...flate, DecodeParms: parameters }),
      deflateSync(Uint8Array.from(rows.flat())),
      limit,
    )
    expect([...decoded]).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 2, 3, 4, 5, 2, 3, 4, 5, 3, 4, 5, 6])
  })

  it('undoes the TIFF predictor', () => {
    const parameters = dictionary({ Predictor: 2, Columns: 3 })
    const data = deflateSync(Uint8Array.of(1, 1, 1, 5, 1, 1))
    expect([...decodeStream(dictionary({ ...flate, DecodeParms: parameters }), data, limit)]).toEqual([
      1, 2, 3, 5, 6, 7,
    ])
  })

  it('decodes ASCIIHex and ASCII85, alone and one on the other', () => {
    expect(decode({ Filter: name('ASCIIHexDecode') }, Buffer.from('48 65 6c 6C 6f 7>'))).toBe('Hellop')
    expect(decode({ Filter: name('ASCII85Decode') }, Buffer.from('87cURD]i,"Ebo80~>'))).toBe('Hello World!')
    expect(decode({ Filter: name('ASCII85Decode') }, Buffer.from('z87~>'))).toBe('\0\0\0\0H')
    const both = { Filter: array([name('ASCIIHexDecode'), name('FlateDecode')]) }
    expect(decode(both, Buffer.from(`${deflateSync(Buffer.from('two')).toString('hex')}>`))).toBe('two')
  })

  it.each([
    [{ Filter: name('LZWDecode') }, 'x'],
    [{ Filter: name('ASCIIHexDecode') }, 'zz>'],
    [{ Filter: name('FlateDecode') }, 'not deflated'],
    [{ Filter: array(Array.from({ length: 5 }, () => name('FlateDecode'))) }, 'x'],
  ])('refuses %j', (entries, data) => {
    expect(() => decode(entries, Buffer.from(data))).toThrow(PdfBroken)
  })
})
