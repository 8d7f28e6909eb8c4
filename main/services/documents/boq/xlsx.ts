import type { Grid, MergedCells } from './grid.ts'
import { gridLimits, unreadable } from './grid.ts'
import { dateStyles, dateText } from './xlsx-dates.ts'
import type { XmlElement } from './xml.ts'
import { attributeOf, childrenOf, parseXml, textOf } from './xml.ts'
import { openZip } from './zip-parts.ts'
import type { ZipParts } from './zip-parts.ts'

/**
 * Reads the sheets of a workbook (ECMA-376, SpreadsheetML): shared and inline strings, numbers as the program shows them to
 * fifteen figures, dates as `2026-11-24`, results of formulas as the file holds them. Hidden sheets are left out. Throws
 * `input.unreadable`.
 */
export async function readXlsx(bytes: Uint8Array): Promise<readonly Grid[]> {
  const zip = await openZip(bytes)
  const workbook = await requiredPart(zip, 'xl/workbook.xml', 'workbook')
  const targets = await relationships(zip)
  const properties = childrenOf(workbook, 'workbookPr')[0]
  const book: Book = {
    strings: await sharedStrings(zip),
    dates: dateStyles(await optionalPart(zip, 'xl/styles.xml', 'styleSheet')),
    is1904: properties !== undefined && /^(1|true)$/.test(attributeOf(properties, 'date1904') ?? ''),
  }
  const sheets = childrenOf(childrenOf(workbook, 'sheets')[0], 'sheet')
  if (sheets.length === 0 || sheets.length > gridLimits.sheets)
    throw unreadable('the workbook has no sheets, or too many')
  const grids: Grid[] = []
  let cells = 0
  for (const sheet of sheets) {
    if ((attributeOf(sheet, 'state') ?? 'visible') !== 'visible') continue
    const target = targets.get(attributeOf(sheet, 'id') ?? '')
    const text = target === undefined ? null : await zip.text(target)
    // A chart sheet has another root; a sheet that is missing holds nothing.
    if (text === null || !/<(?:\w+:)?worksheet[\s>]/.test(text)) continue
    const read = readSheet(parseXml(text, 'worksheet'), attributeOf(sheet, 'name') ?? '', book)
    cells += read.cells
    if (cells > gridLimits.cells) throw unreadable('the workbook has more cells than any list of a bid')
    grids.push(read.grid)
  }
  return grids
}

interface Book {
  readonly strings: readonly string[]
  /** Whether a cell's style shows a number as a date. */
  readonly dates: (style: number) => boolean
  readonly is1904: boolean
}

async function requiredPart(zip: ZipParts, name: string, root: string): Promise<XmlElement> {
  const text = await zip.text(name)
  if (text === null) throw unreadable('the file is a ZIP, but no XLSX workbook')
  return parseXml(text, root)
}

async function optionalPart(zip: ZipParts, name: string, root: string): Promise<XmlElement | null> {
  const text = await zip.text(name)
  return text === null ? null : parseXml(text, root)
}

async function relationships(zip: ZipParts): Promise<ReadonlyMap<string, string>> {
  const root = await requiredPart(zip, 'xl/_rels/workbook.xml.rels', 'Relationships')
  return new Map(
    childrenOf(root, 'Relationship').map(each => {
      const target = attributeOf(each, 'Target') ?? ''
      return [attributeOf(each, 'Id') ?? '', target.startsWith('/') ? target.slice(1) : `xl/${target}`]
    }),
  )
}

async function sharedStrings(zip: ZipParts): Promise<readonly string[]> {
  const root = await optionalPart(zip, 'xl/sharedStrings.xml', 'sst')
  return root === null ? [] : childrenOf(root, 'si').map(richText)
}

/** A string with or without runs of formatting; the reading aid above characters (rPh) is no part of it. */
function richText(item: XmlElement): string {
  const runs = childrenOf(item, 'r').flatMap(run => childrenOf(run, 't'))
  return [...childrenOf(item, 't'), ...runs].map(textOf).join('')
}

function readSheet(sheet: XmlElement, name: string, book: Book): { readonly grid: Grid; readonly cells: number } {
  const rows: string[][] = []
  const uncounted = new Set<string>()
  let cells = 0
  let row = -1
  for (const element of childrenOf(childrenOf(sheet, 'sheetData')[0], 'row')) {
    row = indexOf(attributeOf(element, 'r'), row, gridLimits.rows)
    const texts: string[] = []
    let column = -1
    for (const cell of childrenOf(element, 'c')) {
      column = columnOf(attributeOf(cell, 'r'), column)
      if (column >= gridLimits.columns) break
      const text = cellValue(cell, book)
      texts[column] = text
      if (text === '' && childrenOf(cell, 'f').length > 0) uncounted.add(`${row}:${column}`)
    }
    cells += texts.length
    if (cells > gridLimits.cells) throw unreadable('the sheet has more cells than any list of a bid')
    rows[row] = Array.from(texts, (text: string | undefined) => text ?? '')
  }
  const merged = childrenOf(childrenOf(sheet, 'mergeCells')[0], 'mergeCell').flatMap(rangeOf)
  if (merged.length > gridLimits.merged) throw unreadable('the sheet has too many merged cells')
  return { grid: { name, rows, merged, uncounted }, cells }
}

function cellValue(cell: XmlElement, { strings, dates, is1904 }: Book): string {
  const type = attributeOf(cell, 't') ?? 'n'
  const inline = childrenOf(cell, 'is')[0]
  if (type === 'inlineStr') return inline === undefined ? '' : richText(inline)
  const value = textOf(childrenOf(cell, 'v')[0])
  if (value === '') return ''
  if (type === 's') return strings[Number(value)] ?? ''
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE'
  if (type !== 'n') return value
  const number = Number(value)
  if (!Number.isFinite(number)) return value
  if (dates(Number(attributeOf(cell, 's') ?? '0'))) return dateText(number, is1904)
  return plainNumber(number)
}

/** Fifteen significant figures, as spreadsheet programs show them: 0.1 + 0.2 is stored as 0.30000000000000004. */
function plainNumber(number: number): string {
  const rounded = Number(number.toPrecision(15))
  const text = String(rounded)
  return text.includes('e') && Math.abs(rounded) < 1 ? rounded.toFixed(20).replace(/0+$/, '') : text
}

function indexOf(text: string | undefined, previous: number, limit: number): number {
  const index = text === undefined ? previous + 1 : Number(text) - 1
  if (!Number.isInteger(index) || index <= previous || index >= limit)
    throw unreadable('the rows of a sheet are in disorder')
  return index
}

function columnOf(reference: string | undefined, previous: number): number {
  const column = reference === undefined ? previous + 1 : columnNumber(/^[A-Z]+/.exec(reference)?.[0] ?? '')
  if (column <= previous || column >= 16_384) throw unreadable('the cells of a row are in disorder')
  return column
}

function columnNumber(letters: string): number {
  return letters.length > 3 ? -1 : [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}

function rangeOf(element: XmlElement): readonly MergedCells[] {
  const match = /^([A-Z]+)(\d+):([A-Z]+)(\d+)$/.exec(attributeOf(element, 'ref') ?? '')
  if (match === null) return []
  const [, left = '', top = '', right = '', bottom = ''] = match
  return [{ top: Number(top) - 1, left: columnNumber(left), bottom: Number(bottom) - 1, right: columnNumber(right) }]
}
