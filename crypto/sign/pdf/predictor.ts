import { PdfBroken } from './broken.ts'
import type { PdfDictionary } from './objects.ts'

/** Undoes a predictor of Flate data (ISO 32000-1, 7.4.4.4): none, PNG, or TIFF with bytes for components. */
export function undoPredictor({ entries }: PdfDictionary, data: Uint8Array): Uint8Array {
  const predictor = whole(entries.get('Predictor'), 1)
  if (predictor === 1) return data
  const colors = whole(entries.get('Colors'), 1)
  const bits = whole(entries.get('BitsPerComponent'), 8)
  const columns = whole(entries.get('Columns'), 1)
  if (colors > 32 || bits > 16 || columns > 1_000_000) throw new PdfBroken('an absurd predictor')
  const pixel = Math.max(1, (colors * bits) >> 3)
  const row = Math.ceil((colors * bits * columns) / 8)
  if (predictor >= 10) return undoPng(data, row, pixel)
  if (predictor === 2 && bits === 8) return undoTiff(data, row, pixel)
  throw new PdfBroken('an unknown predictor')
}

function undoPng(data: Uint8Array, row: number, pixel: number): Uint8Array {
  const rows = Math.ceil(data.length / (row + 1))
  const out = new Uint8Array(rows * row)
  let size = 0
  for (let index = 0; index < rows; index += 1) {
    const type = data[index * (row + 1)] ?? 0
    const line = data.subarray(index * (row + 1) + 1, (index + 1) * (row + 1))
    const start = index * row
    for (let at = 0; at < line.length; at += 1) {
      const left = at >= pixel ? (out[start + at - pixel] ?? 0) : 0
      const up = index > 0 ? (out[start + at - row] ?? 0) : 0
      const upLeft = index > 0 && at >= pixel ? (out[start + at - row - pixel] ?? 0) : 0
      out[start + at] = (line[at] ?? 0) + predicted(type, left, up, upLeft)
    }
    size = start + line.length
  }
  return out.subarray(0, size)
}

function predicted(type: number, left: number, up: number, upLeft: number): number {
  switch (type) {
    case 0:
      return 0
    case 1:
      return left
    case 2:
      return up
    case 3:
      return (left + up) >> 1
    case 4: {
      const estimate = left + up - upLeft
      const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - upLeft)]
      return a <= b && a <= c ? left : b <= c ? up : upLeft
    }
    default:
      throw new PdfBroken('an unknown PNG predictor')
  }
}

function undoTiff(data: Uint8Array, row: number, pixel: number): Uint8Array {
  const out = Uint8Array.from(data)
  for (let at = 0; at < out.length; at += 1) {
    if (at % row >= pixel) out[at] = (out[at] ?? 0) + (out[at - pixel] ?? 0)
  }
  return out
}

function whole(value: unknown, otherwise: number): number {
  if (value === undefined || value === null) return otherwise
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) throw new PdfBroken('an absurd predictor')
  return value
}
