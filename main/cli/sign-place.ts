import type { PlaceBox } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { SealPlace } from '../services/index.ts'

/** What the command line says of the place. */
export interface PlaceOptions {
  /** `page,x,y[,w[,h]]`. */
  readonly at?: string
  readonly everyPage?: boolean
  readonly across?: boolean
}

/** What is to be seen: how wide the image is to its height, null without one; how many lines of text. */
export interface ToBeSeen {
  readonly imageRatio: number | null
  readonly lines: number
}

/** Points of a millimetre. */
const millimetre = 72 / 25.4

/** The usual width of a company's seal; of text alone; millimetres. */
const sealWidth = 42
const textWidth = 60

/** Height of a line of visible text under a seal, millimetres. */
const lineHeight = 5

/** From the lower right corner where nothing else is said, millimetres. */
const margin = 20

const unit = /^(-?\d{1,5}(?:\.\d{1,3})?)(mm|pt)?$/

/**
 * The place that `--at`, `--every-page` and `--across` say. Lengths are millimetres, or points with `pt`; from the lower left
 * corner, or from the right and upper edges where they are negative. Pages count from 1, or from the end where they are
 * negative; `last` is the last. Without `--at` the seal stands in the lower right corner of the last page, 42 mm wide. Throws
 * `arguments.bad`.
 */
export function placeOf({ at, everyPage = false, across = false }: PlaceOptions, seen: ToBeSeen): SealPlace {
  if (everyPage && across) throw bad('--every-page and --across are two signatures: sign twice')
  const [page = 'last', x, y, w, h, ...rest] = at === undefined ? [] : at.split(',').map(part => part.trim())
  if (rest.length > 0 || (at !== undefined && y === undefined)) throw bad('--at takes page,x,y[,w[,h]]')
  const width =
    w === undefined || w === '' ? (seen.imageRatio === null ? textWidth : sealWidth) * millimetre : length(w)
  const height = h === undefined || h === '' ? heightFor(width, seen) : length(h)
  if (width <= 0 || height <= 0) throw bad('width and height of a seal are more than nothing')
  if (across) {
    if (at !== undefined) throw bad('--across has its place: the right edges of the pages; leave --at out')
    return { kind: 'across-pages', width, height }
  }
  const box = boxAt(
    x === undefined ? -margin * millimetre : length(x),
    y === undefined ? margin * millimetre : length(y),
  )
  const place = { ...box, width, height }
  return everyPage ? { kind: 'every-page', box: place } : { kind: 'page', page: pageOf(page), box: place }
}

function heightFor(width: number, { imageRatio, lines }: ToBeSeen): number {
  const text = lines * lineHeight * millimetre
  return imageRatio === null ? Math.max(text, 2 * lineHeight * millimetre) : width / imageRatio + text
}

function boxAt(x: number, y: number): Pick<PlaceBox, 'x' | 'y' | 'from'> {
  const isRight = x < 0
  const from = y < 0 ? (isRight ? 'upper-right' : 'upper-left') : isRight ? 'lower-right' : 'lower-left'
  return { x: Math.abs(x), y: Math.abs(y), from }
}

function pageOf(text: string): number {
  if (text === 'last') return -1
  if (!/^-?[1-9]\d{0,5}$/.test(text)) throw bad('a page is a number, or “last”')
  return Number(text)
}

function length(text: string): number {
  const [, number, name] = unit.exec(text) ?? []
  if (number === undefined) throw bad('a length is a number of millimetres, or of points with pt')
  return Number(number) * (name === 'pt' ? 1 : millimetre)
}

function bad(detail: string): AppFailure {
  return new AppFailure('arguments.bad', detail)
}
