import { PdfBroken } from './broken.ts'
import { limits } from './limits.ts'
import { is, type PdfDictionary, type PdfObject } from './objects.ts'
import type { XrefEntry } from './xref-entries.ts'

/** Reads the decoded rows of a cross-reference stream (ISO 32000-1, 7.5.8). */
export function readStreamSection({ entries }: PdfDictionary, data: Uint8Array): ReadonlyMap<number, XrefEntry> {
  const [typeWidth = 0, secondWidth = 0, thirdWidth = 0] = numbers(entries.get('W'), 3)
  const width = typeWidth + secondWidth + thirdWidth
  if (width === 0 || Math.max(typeWidth, secondWidth, thirdWidth) > 8) throw new PdfBroken('a row of no bytes')
  const size = entries.get('Size')
  const index = entries.has('Index') ? numbers(entries.get('Index'), 100_000) : [0, typeof size === 'number' ? size : 0]
  const rows = new Map<number, XrefEntry>()
  let at = 0
  for (let part = 0; part + 1 < index.length; part += 2) {
    const first = index[part] ?? 0
    const count = index[part + 1] ?? 0
    for (let row = 0; row < count && at + width <= data.length; row += 1) {
      const type = typeWidth === 0 ? 1 : bigEndian(data, at, typeWidth)
      const second = bigEndian(data, at + typeWidth, secondWidth)
      const third = bigEndian(data, at + typeWidth + secondWidth, thirdWidth)
      at += width
      if (rows.size >= limits.objects) throw new PdfBroken('a cross-reference stream too long')
      rows.set(first + row, entryOf(type, second, third))
    }
  }
  return rows
}

/** A row of an unknown type means null (7.5.8.3). */
function entryOf(type: number, second: number, third: number): XrefEntry {
  if (type === 1) return { kind: 'file', offset: second, generation: third }
  return type === 2 ? { kind: 'stream', stream: second, index: third } : { kind: 'free' }
}

function bigEndian(data: Uint8Array, offset: number, width: number): number {
  let value = 0
  for (let index = 0; index < width; index += 1) value = value * 256 + (data[offset + index] ?? 0)
  return value
}

function numbers(list: PdfObject | undefined, most: number): readonly number[] {
  if (!is(list, 'array') || list.items.length > most) throw new PdfBroken('a cross-reference stream without its form')
  return list.items.map(item => {
    if (typeof item !== 'number' || !Number.isSafeInteger(item) || item < 0) throw new PdfBroken('no whole number')
    return item
  })
}
