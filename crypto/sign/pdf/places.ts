import { CryptoFailure } from '../../errors.ts'
import type { Box, PdfPage } from './pages.ts'

/** A box on a page as it is shown, turned pages included: points from a corner, the lower left unless told otherwise. */
export interface PlaceBox {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly from?: 'lower-left' | 'lower-right' | 'upper-left' | 'upper-right'
}

/** Where a signature is seen. Pages count from 1. */
export type SignaturePlace =
  | { readonly kind: 'invisible' }
  | { readonly kind: 'page'; readonly page: number; readonly box: PlaceBox }
  /** On a page smaller than the others the box is moved until it fits. */
  | { readonly kind: 'every-page'; readonly box: PlaceBox }
  /**
   * 骑缝章: the seal cut into slices along the right edges of at most 20 pages; more pages are parted into groups of about
   * equal size. `centre` is the height of its middle, in points from the bottom; the page's own middle unless told.
   */
  | { readonly kind: 'across-pages'; readonly width: number; readonly height: number; readonly centre?: number }

/** What is drawn on one page. */
export interface Mark {
  readonly page: PdfPage
  /** In the page's own coordinates, before it is turned. */
  readonly rect: Box
  /** Which part of the seal from left to right, 0 to 1. */
  readonly from: number
  readonly to: number
}

/** Most pages one seal is cut over. */
const largestGroup = 20

/** Shortest side of a box, in points. */
const smallestSide = 1

/**
 * What is drawn where. Throws `arguments.bad` for a page that is not there, a box that does not fit, or one page to be
 * sealed across.
 */
export function marksOf(place: SignaturePlace, pages: readonly PdfPage[]): readonly Mark[] {
  switch (place.kind) {
    case 'invisible':
      return []
    case 'page': {
      const page = pages[place.page - 1]
      if (page === undefined) throw bad(`there is no page ${place.page}`)
      return [{ page, rect: rectOf(page, place.box, 'refuse'), from: 0, to: 1 }]
    }
    case 'every-page':
      return pages.map(page => ({ page, rect: rectOf(page, place.box, 'move'), from: 0, to: 1 }))
    case 'across-pages':
      return acrossPages(place, pages)
  }
}

/** The size at which the whole seal is drawn, in points; null when nothing is. */
export function drawnSize(place: SignaturePlace): { readonly width: number; readonly height: number } | null {
  if (place.kind === 'invisible') return null
  const { width, height } = place.kind === 'across-pages' ? place : place.box
  return { width, height }
}

/** Sizes of the groups of pages a seal is cut over: as few as may be, of about equal size. */
export function groupSizes(pages: number): readonly number[] {
  const groups = Math.ceil(pages / largestGroup)
  return Array.from({ length: groups }, (_none, index) => Math.floor((pages + groups - 1 - index) / groups))
}

/** Width and height of a page as it is shown. */
export function shownSize({ cropBox, rotate }: Pick<PdfPage, 'cropBox' | 'rotate'>): {
  readonly width: number
  readonly height: number
} {
  const width = cropBox.right - cropBox.left
  const height = cropBox.top - cropBox.bottom
  return rotate % 180 === 0 ? { width, height } : { width: height, height: width }
}

function acrossPages(
  { width, height, centre }: Extract<SignaturePlace, { kind: 'across-pages' }>,
  pages: readonly PdfPage[],
): readonly Mark[] {
  if (pages.length < 2) throw bad('a seal across pages needs two pages at least')
  const marks: Mark[] = []
  let first = 0
  for (const size of groupSizes(pages.length)) {
    for (const [index, page] of pages.slice(first, first + size).entries()) {
      const shown = shownSize(page)
      const sliceWidth = width / size
      const y = (centre ?? shown.height / 2) - height / 2
      const box: PlaceBox = { x: 0, y, width: sliceWidth, height, from: 'lower-right' }
      marks.push({ page, rect: rectOf(page, box, 'move'), from: index / size, to: (index + 1) / size })
    }
    first += size
  }
  return marks
}

function rectOf(page: PdfPage, box: PlaceBox, whenOutside: 'refuse' | 'move'): Box {
  const shown = shownSize(page)
  const { width, height, from = 'lower-left' } = box
  const numbers = [box.x, box.y, width, height]
  if (numbers.some(value => !Number.isFinite(value)) || width < smallestSide * 0.5 || height < smallestSide) {
    throw bad('the place is no box')
  }
  let x = from === 'lower-left' || from === 'upper-left' ? box.x : shown.width - box.x - width
  let y = from === 'lower-left' || from === 'lower-right' ? box.y : shown.height - box.y - height
  // A hundredth of a point is nobody's mistake.
  const isInside = x > -0.01 && y > -0.01 && x + width < shown.width + 0.01 && y + height < shown.height + 0.01
  if (!isInside) {
    if (whenOutside === 'refuse' || width > shown.width || height > shown.height) {
      throw bad('the place lies outside the page')
    }
    x = Math.min(Math.max(0, x), shown.width - width)
    y = Math.min(Math.max(0, y), shown.height - height)
  }
  return turnedBack(page, { left: x, bottom: y, right: x + width, top: y + height })
}

/** From the page as it is shown, turned clockwise by `rotate`, to its own coordinates. */
function turnedBack({ cropBox, rotate }: PdfPage, { left, bottom, right, top }: Box): Box {
  const width = cropBox.right - cropBox.left
  const height = cropBox.top - cropBox.bottom
  const own: Box =
    rotate === 90
      ? { left: width - top, bottom: left, right: width - bottom, top: right }
      : rotate === 180
        ? { left: width - right, bottom: height - top, right: width - left, top: height - bottom }
        : rotate === 270
          ? { left: bottom, bottom: height - right, right: top, top: height - left }
          : { left, bottom, right, top }
  return {
    left: own.left + cropBox.left,
    bottom: own.bottom + cropBox.bottom,
    right: own.right + cropBox.left,
    top: own.top + cropBox.bottom,
  }
}

function bad(detail: string): CryptoFailure {
  return new CryptoFailure('arguments.bad', detail)
}
