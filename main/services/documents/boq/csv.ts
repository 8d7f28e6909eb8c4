import type { Grid } from './grid.ts'
import { gridLimits, unreadable } from './grid.ts'

/**
 * Reads a CSV file (RFC 4180; comma, semicolon or tab between fields) in UTF-8, UTF-16 with a mark, or GB 18030, which GBK and
 * GB 2312 are parts of. Throws `input.unreadable`.
 */
export function readCsv(bytes: Uint8Array): Grid {
  const text = decode(bytes)
  if (text.includes('\0')) throw unreadable('the list is neither CSV nor XLSX')
  const rows = splitRows(text, separatorOf(text))
  return { name: '', rows, merged: [], uncounted: new Set() }
}

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes
  try {
    if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le', { fatal: true }).decode(bytes)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    try {
      return new TextDecoder('gb18030', { fatal: true }).decode(bytes)
    } catch (error) {
      throw unreadable('the list is in no encoding that is read: UTF-8 or GBK', error)
    }
  }
}

/** What separates fields: the mark that is most frequent outside of quotes in the first lines. */
function separatorOf(text: string): string {
  const head = text.slice(0, 8192).replace(/"[^"]*"/g, '')
  const counts = [',', '\t', ';'].map(mark => [mark, head.split(mark).length] as const)
  return counts.sort((a, b) => b[1] - a[1])[0]?.[0] ?? ','
}

function splitRows(text: string, separator: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  let cells = 0
  const closeRow = (): void => {
    rows.push(row)
    row = []
    if (rows.length > gridLimits.rows) throw unreadable('the list has more rows than any of a bid')
  }
  for (let at = 0; at < text.length;) {
    const field = readField(text, at, separator)
    row.push(field.text)
    cells += 1
    if (row.length > gridLimits.columns || cells > gridLimits.cells) throw unreadable('the list has too many fields')
    at = field.end
    const next = text[at]
    if (next === separator) {
      at += 1
      if (at === text.length) row.push('')
    } else if (next !== undefined) {
      at += next === '\r' && text[at + 1] === '\n' ? 2 : 1
      closeRow()
    }
  }
  if (row.length > 0) closeRow()
  return rows
}

function readField(text: string, from: number, separator: string): { readonly text: string; readonly end: number } {
  let at = from
  let value = ''
  if (text[at] === '"') {
    for (;;) {
      const close = text.indexOf('"', at + 1)
      if (close < 0) throw unreadable('a quoted field of the list does not end')
      value += text.slice(at + 1, close)
      at = close + 1
      if (text[at] !== '"') break
      value += '"'
    }
  }
  const start = at
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at += 1
  return { text: value + text.slice(start, at), end: at }
}
