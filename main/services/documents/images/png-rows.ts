import { createInflate } from 'node:zlib'
import type { Png } from './png.ts'
import { channelsOf } from './png.ts'
import { PictureRefused } from './picture.ts'

/** A row of pixels as the picture stores them, without its filter. The bytes are those of the next row as soon as it is asked for. */
export interface PngRow {
  readonly bytes: Uint8Array
  /** Pixels in it. */
  readonly width: number
  /** Where its pixels stand in the picture: the first column, the columns from one to the next, the row. */
  readonly column: number
  readonly step: number
  readonly row: number
}

interface Pass {
  readonly column: number
  readonly step: number
  readonly row: number
  readonly rowStep: number
}

const whole: readonly Pass[] = [{ column: 0, step: 1, row: 0, rowStep: 1 }]

/** Adam7 (ISO/IEC 15948, 8.2). */
const adam7: readonly Pass[] = [
  { column: 0, step: 8, row: 0, rowStep: 8 },
  { column: 4, step: 8, row: 0, rowStep: 8 },
  { column: 0, step: 4, row: 4, rowStep: 8 },
  { column: 2, step: 4, row: 0, rowStep: 4 },
  { column: 0, step: 2, row: 2, rowStep: 4 },
  { column: 1, step: 2, row: 0, rowStep: 2 },
  { column: 0, step: 1, row: 1, rowStep: 2 },
]

/**
 * Inflates a picture row by row; nothing beyond its last row is inflated, whatever the file holds. Throws
 * {@link PictureRefused} when rows are missing or damaged.
 */
export async function* pngRows(png: Png): AsyncGenerator<PngRow> {
  const bits = channelsOf[png.colour] * png.depth
  const stride = Math.max(1, bits >> 3)
  const source = inflated(png.pieces)
  for (const { column, step, row: first, rowStep } of png.isInterlaced ? adam7 : whole) {
    const width = Math.ceil((png.width - column) / step)
    if (width < 1) continue
    const length = Math.ceil((width * bits) / 8)
    let above = new Uint8Array(length)
    for (let row = first; row < png.height; row += rowStep) {
      const bytes = await source(length + 1)
      unfilter(bytes, above, stride)
      above = bytes.subarray(1)
      yield { bytes: above, width, column, step, row }
    }
  }
}

type TakeBytes = (length: number) => Promise<Uint8Array<ArrayBuffer>>

function inflated(pieces: readonly Uint8Array[]): TakeBytes {
  const inflate = createInflate()
  const output: AsyncIterator<Buffer> = inflate[Symbol.asyncIterator]()
  void (async () => {
    for (const piece of pieces) {
      if (inflate.destroyed) return
      if (!inflate.write(piece)) await new Promise(resolve => inflate.once('drain', resolve).once('close', resolve))
    }
    inflate.end()
  })()
  let present: Uint8Array = new Uint8Array(0)
  return async length => {
    const bytes = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      if (present.length === 0) {
        const next = await output.next().catch((error: unknown) => {
          throw new PictureRefused('picture-broken', `PNG: its data cannot be unpacked (${String(error)})`)
        })
        if (next.done === true) throw new PictureRefused('picture-broken', 'PNG: rows are missing')
        present = next.value
      }
      const taken = present.subarray(0, length - filled)
      bytes.set(taken, filled)
      filled += taken.length
      present = present.subarray(taken.length)
    }
    return bytes
  }
}

/** ISO/IEC 15948, 9.2. `bytes` begins with the filter's number. */
function unfilter(bytes: Uint8Array, above: Uint8Array, stride: number): void {
  const [filter = 0] = bytes
  if (filter > 4) throw new PictureRefused('picture-broken', 'PNG: a filter that does not exist')
  if (filter === 0) return
  for (let at = 1; at < bytes.length; at += 1) {
    const left = at > stride ? (bytes[at - stride] ?? 0) : 0
    const up = above[at - 1] ?? 0
    const corner = at > stride ? (above[at - 1 - stride] ?? 0) : 0
    bytes[at] = (bytes[at] ?? 0) + predicted(filter, left, up, corner)
  }
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  const estimate = left + up - corner
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}
