import { describe, expect, it } from 'vitest'
import type { PdfPage } from '../../../../crypto/sign/pdf/pages.ts'
import { groupSizes, marksOf, shownSize, type SignaturePlace } from '../../../../crypto/sign/pdf/places.ts'
import { dictionary, reference } from '../../../../crypto/sign/pdf/objects.ts'
import { codeOf } from '../../../fixtures/refusals.ts'

function page(rotate: PdfPage['rotate'] = 0, width = 600, height = 800, left = 0, bottom = 0): PdfPage {
  const box = { left, bottom, right: left + width, top: bottom + height }
  const empty = dictionary({})
  return {
    reference: reference(1),
    dictionary: empty,
    mediaBox: box,
    cropBox: box,
    rotate,
    resources: empty,
    hasDefaultBox: false,
  }
}

const box = { x: 10, y: 20, width: 100, height: 50 }

describe('a place on a page', () => {
  it.each([
    [0, { left: 10, bottom: 20, right: 110, top: 70 }],
    [90, { left: 530, bottom: 10, right: 580, top: 110 }],
    [180, { left: 490, bottom: 730, right: 590, top: 780 }],
    [270, { left: 20, bottom: 690, right: 70, top: 790 }],
  ] as const)('is counted on the page as it is shown: turned by %d', (rotate, rect) => {
    expect(marksOf({ kind: 'page', page: 1, box }, [page(rotate)])[0]?.rect).toEqual(rect)
  })

  it('is counted from the corner of what is seen of the page', () => {
    const [mark] = marksOf({ kind: 'page', page: 1, box }, [page(0, 600, 800, -50, 100)])
    expect(mark?.rect).toEqual({ left: -40, bottom: 120, right: 60, top: 170 })
  })

  it.each([
    ['lower-right', { left: 490, bottom: 20 }],
    ['upper-left', { left: 10, bottom: 730 }],
    ['upper-right', { left: 490, bottom: 730 }],
  ] as const)('can be counted from the %s corner', (from, corner) => {
    expect(marksOf({ kind: 'page', page: 1, box: { ...box, from } }, [page()])[0]?.rect).toMatchObject(corner)
  })

  it.each([
    ['a page that is not there', { kind: 'page', page: 2, box }],
    ['page 0', { kind: 'page', page: 0, box }],
    ['a box beyond the edge', { kind: 'page', page: 1, box: { ...box, x: 501 } }],
    ['a box below the edge', { kind: 'page', page: 1, box: { ...box, y: -1 } }],
    ['a box of no size', { kind: 'page', page: 1, box: { ...box, height: 0 } }],
    ['a box that is no number', { kind: 'page', page: 1, box: { ...box, x: NaN } }],
    ['a box larger than a page', { kind: 'every-page', box: { ...box, width: 700 } }],
    ['one page to be sealed across', { kind: 'across-pages', width: 100, height: 100 }],
  ] as const)('is refused: %s', async (_what, place: SignaturePlace) => {
    expect(await codeOf(() => marksOf(place, [page()]))).toBe('arguments.bad')
  })

  it('is moved on a page too small for it when it is on every page', () => {
    const marks = marksOf({ kind: 'every-page', box: { ...box, x: 480, y: 700 } }, [page(), page(90, 600, 800)])
    expect(marks.map(mark => mark.rect.bottom)).toEqual([700, 480])
    expect(marks[1]?.rect).toEqual({ left: 0, bottom: 480, right: 50, top: 580 })
  })
})

describe('a seal across pages', () => {
  it('is cut from left to right along the right edges', () => {
    const marks = marksOf(
      { kind: 'across-pages', width: 120, height: 100 },
      Array.from({ length: 5 }, () => page()),
    )
    expect(marks.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.2],
      [0.2, 0.4],
      [0.4, 0.6],
      [0.6, 0.8],
      [0.8, 1],
    ])
    for (const { rect } of marks) expect(rect).toEqual({ left: 576, bottom: 350, right: 600, top: 450 })
  })

  it.each([
    [2, [2]],
    [20, [20]],
    [21, [11, 10]],
    [24, [12, 12]],
    [41, [14, 14, 13]],
    [300, Array.from({ length: 15 }, () => 20)],
  ])('of %d pages is one for each group', (pages, sizes) => {
    expect(groupSizes(pages)).toEqual(sizes)
  })

  it('stands at the height it is given', () => {
    const marks = marksOf({ kind: 'across-pages', width: 120, height: 100, centre: 100 }, [page(), page()])
    expect(marks[0]?.rect).toMatchObject({ bottom: 50, top: 150 })
  })

  it('has the size of a page as it is shown', () => {
    expect(shownSize(page(90))).toEqual({ width: 800, height: 600 })
  })
})
