import { PdfBroken } from './broken.ts'
import type { DocumentBytes } from './document-bytes.ts'
import { isSpace } from './lexer.ts'
import { limits } from './limits.ts'
import type { PdfDictionary } from './objects.ts'
import { isKeyword } from './parser.ts'
import type { XrefEntry } from './xref-entries.ts'

/** Bytes of table read at a time: many rows of 20 bytes. */
const chunk = 256 * 1024

/** Longest row expected, in bytes; a longer one is met with the next window. */
const longestRow = 24

/** One section of a cross-reference table: its rows, and the trailer after them. */
export interface TableSection {
  readonly rows: ReadonlyMap<number, XrefEntry>
  readonly trailer: PdfDictionary
}

/** Reads a section that begins with `xref` at `offset` (ISO 32000-1, 7.5.4). Rows of 19 or 21 bytes are read too. */
export async function readTableSection(bytes: DocumentBytes, offset: number): Promise<TableSection> {
  const rows = new Map<number, XrefEntry>()
  let at = (await bytes.parse(offset, parser => parser.keyword('xref'))).end
  for (;;) {
    const start = at
    const head = await bytes.parse(start, parser => {
      const first = parser.value(0)
      if (isKeyword(first)) {
        if (first.word === 'trailer') return null
        throw new PdfBroken('a cross-reference table without its trailer')
      }
      if (typeof first !== 'number' || !Number.isSafeInteger(first) || first < 0) throw new PdfBroken('no subsection')
      return { first, count: parser.wholeNumber() }
    })
    if (head.value === null) {
      const trailer = await bytes.parse(head.end, parser => parser.dictionary())
      return { rows, trailer: trailer.value }
    }
    const { first, count } = head.value
    if (rows.size + count > limits.objects) throw new PdfBroken('a cross-reference table too long')
    at = await readRows(bytes, head.end, first, count, rows)
  }
}

async function readRows(
  bytes: DocumentBytes,
  offset: number,
  first: number,
  count: number,
  rows: Map<number, XrefEntry>,
): Promise<number> {
  let at = offset
  let number = first
  let left = count
  while (left > 0) {
    const window = await bytes.window(at, Math.min(chunk, left * longestRow + 64))
    bytes.spend(window.length)
    // A row may be cut by the window's end: the last 64 bytes wait for the next one.
    const end = at + window.length === bytes.size ? window.length : window.length - 64
    let position = 0
    while (left > 0 && position < end) {
      const row = readRow(window, position)
      // A table that counts its head as object 1 is met; the head is always object 0.
      if (number === 1 && first === 1 && row.generation === 65_535 && !row.used) number = 0
      if (!row.used) rows.set(number, { kind: 'free' })
      else if (row.offset > 0) rows.set(number, { kind: 'file', offset: row.offset, generation: row.generation })
      position = row.end
      number += 1
      left -= 1
    }
    if (position === 0) throw new PdfBroken('a cross-reference table cut short')
    at += position
  }
  return at
}

interface Row {
  readonly offset: number
  readonly generation: number
  readonly used: boolean
  readonly end: number
}

function readRow(window: Uint8Array, start: number): Row {
  const offset = readDigits(window, start)
  const generation = readDigits(window, offset.end)
  let at = generation.end
  while (isSpace(window[at] ?? -1)) at += 1
  const mark = window[at]
  if (mark !== 0x6e && mark !== 0x66) throw new PdfBroken('a row of the cross-reference table')
  return { offset: offset.value, generation: generation.value, used: mark === 0x6e, end: at + 1 }
}

function readDigits(window: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let at = start
  while (isSpace(window[at] ?? -1)) at += 1
  const begin = at
  let value = 0
  for (let byte = window[at] ?? -1; byte >= 0x30 && byte <= 0x39; byte = window[at] ?? -1) {
    if (at - begin >= 12) throw new PdfBroken('a row of the cross-reference table')
    value = value * 10 + byte - 0x30
    at += 1
  }
  if (at === begin) throw new PdfBroken('a row of the cross-reference table')
  return { value, end: at }
}
