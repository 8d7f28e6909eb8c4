import { describe, expect, test } from 'vitest'
import { placeOf, type PlaceOptions } from '../../../main/cli/sign-place.ts'

const mm = 72 / 25.4
const seal = { imageRatio: 1, lines: 0 }
const at = (text: string, seen: Parameters<typeof placeOf>[1] = seal): ReturnType<typeof placeOf> =>
  placeOf({ at: text }, seen)
const rounded = (place: ReturnType<typeof placeOf>): unknown =>
  JSON.parse(
    JSON.stringify(place, (_key, value: unknown) =>
      typeof value === 'number' ? Math.round(value * 100) / 100 : value,
    ),
  )

describe('the place of a seal', () => {
  test('is the lower right corner of the last page unless told, 42 mm wide', () => {
    expect(rounded(placeOf({}, seal))).toEqual(
      rounded({
        kind: 'page',
        page: -1,
        box: { x: 20 * mm, y: 20 * mm, from: 'lower-right', width: 42 * mm, height: 42 * mm },
      }),
    )
  })

  test('is told in millimetres or points, from the corner its signs say', () => {
    expect(rounded(at('3,10,20'))).toMatchObject({ page: 3, box: { x: 28.35, y: 56.69, from: 'lower-left' } })
    expect(rounded(at('last, -10, 20'))).toMatchObject({ page: -1, box: { x: 28.35, y: 56.69, from: 'lower-right' } })
    expect(rounded(at('-2,10pt,-20pt,30pt,15pt'))).toMatchObject({
      page: -2,
      box: { x: 10, y: 20, from: 'upper-left', width: 30, height: 15 },
    })
    expect(rounded(at('1,-10pt,-20pt,30mm'))).toMatchObject({
      box: { from: 'upper-right', width: 85.04, height: 85.04 },
    })
  })

  test('is as high as the image is, with room for the text below', () => {
    const high = (seen: Parameters<typeof placeOf>[1]) => rounded(at('1,0,0,40', seen))
    expect(high({ imageRatio: 2, lines: 0 })).toMatchObject({ box: { height: 56.69 } })
    expect(high({ imageRatio: 2, lines: 2 })).toMatchObject({ box: { height: 85.04 } })
    expect(high({ imageRatio: null, lines: 2 })).toMatchObject({ box: { height: 28.35 } })
  })

  test('may be every page, or across them', () => {
    expect(placeOf({ at: '1,5,5', everyPage: true }, seal)).toMatchObject({
      kind: 'every-page',
      box: { from: 'lower-left' },
    })
    expect(rounded(placeOf({ across: true }, seal))).toEqual({ kind: 'across-pages', width: 119.06, height: 119.06 })
  })

  test.each<[string, PlaceOptions]>([
    ['two places', { everyPage: true, across: true }],
    ['a place across', { at: '1,2,3', across: true }],
    ['no y', { at: '1,2' }],
    ['too much', { at: '1,2,3,4,5,6' }],
    ['no number', { at: '1,a,3' }],
    ['another unit', { at: '1,2in,3' }],
    ['page nought', { at: '0,2,3' }],
    ['no width', { at: '1,2,3,0' }],
    ['a negative width', { at: '1,2,3,-5' }],
    ['an absurd number', { at: '1,99999999,3' }],
  ])('is refused with %s', (_what, options) => {
    expect(() => placeOf(options, seal)).toThrow(/arguments\.bad/)
  })
})
