import type { Decimal } from './decimal.ts'
import { add, compare, decimalText, multiply, readDecimal, round, subtract, zero } from './decimal.ts'
import type { BoqColumn, BoqTable } from './find-table.ts'
import { isHeading } from './find-table.ts'
import { cellText } from './grid.ts'

/** What can be wrong with a priced list, by name. */
export const boqFindingLevels = {
  'not-a-number': 'fatal',
  'value-missing': 'fatal',
  'result-missing': 'fatal',
  'product-differs': 'fatal',
  'subtotal-differs': 'fatal',
  'sum-differs': 'fatal',
  'amount-differs': 'fatal',
  negative: 'fatal',
  'price-zero': 'advice',
  'code-twice': 'advice',
} as const

export type BoqFindingCode = keyof typeof boqFindingLevels

export interface BoqFinding {
  readonly code: BoqFindingCode
  readonly level: 'fatal' | 'advice'
  /** Empty for a CSV file. */
  readonly sheet: string
  /** As the file counts rows, from 1; null for what concerns the whole list. */
  readonly row: number | null
  /** A column's letter as spreadsheet programs name it, where one cell is meant. */
  readonly column?: string
  /** The item's name, or the line's. */
  readonly about: string
  readonly expected?: string
  readonly found?: string
}

export interface CheckedTable {
  readonly sheet: string
  readonly headingRow: number
  readonly items: number
  /** The items' totals as they stand, summed. */
  readonly sum: string
  /** What its last line of totals says. */
  readonly stated: string | null
  readonly findings: readonly BoqFinding[]
}

/** Lines that sum up: of a part, and of the whole. */
const subtotalLine = /^(?:本页|分部|章节|本章)?(?:小计|合计)$/u
const totalLine = /^(?:合计|总计|总价|投标总价|投标报价|投标总报价|工程总价|清单合计|合价合计)$/u

/** Money has two decimals; what 工程量 × 综合单价 gives beyond is rounded, or was before. */
const half: Decimal = { digits: 5n, scale: 3 }

/** Checks a table row by row, and its lines of totals. Arithmetic is exact. */
export function checkTable(table: BoqTable): CheckedTable {
  const { grid, heading, columns } = table
  const sheet = grid.name
  const findings: BoqFinding[] = []
  const codes = new Map<string, number>()
  let [sum, part, sincePage, items] = [zero, zero, zero, 0]
  let stated: Decimal | null = null
  let previous: 'item' | 'other' = 'other'
  for (let row = heading + 1; row < grid.rows.length; row += 1) {
    const text = (column: BoqColumn): string => {
      const at = columns[column]
      return at === null ? '' : (grid.rows[row]?.[at]?.trim() ?? '')
    }
    if (isHeading(table, row)) continue
    const found = (code: BoqFindingCode, about: string, more: Partial<BoqFinding> = {}, column?: BoqColumn): void => {
      const at = column === undefined ? null : columns[column]
      const place = at === null ? {} : { column: columnLetters(at) }
      findings.push({ code, level: boqFindingLevels[code], sheet, row: row + 1, ...place, about, ...more })
    }
    const label = lineLabel(table, row)
    const isTotal = totalLine.test(label) || subtotalLine.test(label)
    if (isTotal) {
      const value = readDecimal(text('total'))
      if (value === null) {
        if (isUncounted(table, row, 'total')) found('result-missing', label, {}, 'total')
        continue
      }
      // 合计 may stand below each part or below all; a line that fits one of them is right.
      const isWhole = totalLine.test(label)
      const fitting = /页/u.test(label) ? [sincePage] : label === '合计' ? [sum, part] : isWhole ? [sum] : [part, sum]
      if (!fitting.some(each => compare(each, value) === 0)) {
        const expected = decimalText(fitting[0] ?? sum)
        found(isWhole ? 'sum-differs' : 'subtotal-differs', label, { expected, found: decimalText(value) }, 'total')
      }
      if (isWhole) stated = value
      if (/页/u.test(label)) sincePage = zero
      else part = zero
      previous = 'other'
      continue
    }
    const given = (['quantity', 'unitPrice', 'total'] as const).filter(
      column => text(column) !== '' || isUncounted(table, row, column),
    )
    // A line with a name only begins a part; one with all cells empty separates.
    if (given.length === 0) {
      if (previous === 'item' && label !== '') part = zero
      previous = 'other'
      continue
    }
    const [quantity = null, unitPrice = null, total = null] = (['quantity', 'unitPrice', 'total'] as const).map(
      column => {
        const value = readDecimal(text(column))
        if (isUncounted(table, row, column)) found('result-missing', label, {}, column)
        else if (text(column) === '') found('value-missing', label, {}, column)
        else if (value === null) found('not-a-number', label, { found: text(column) }, column)
        else if (compare(value, zero) < 0) found('negative', label, { found: decimalText(value) }, column)
        return value
      },
    )
    items += 1
    previous = 'item'
    const code = text('code')
    const before = codes.get(code)
    if (code !== '' && before !== undefined)
      found('code-twice', label, { expected: String(before), found: code }, 'code')
    else codes.set(code, row + 1)
    if (unitPrice?.digits === 0n) found('price-zero', label, {}, 'unitPrice')
    if (total === null) continue
    sum = add(sum, total)
    part = add(part, total)
    sincePage = add(sincePage, total)
    if (quantity === null || unitPrice === null) continue
    const product = multiply(quantity, unitPrice)
    const difference = subtract(product, total)
    const size = difference.digits < 0n ? { ...difference, digits: -difference.digits } : difference
    if (compare(size, half) > 0) {
      found('product-differs', label, { expected: decimalText(round(product, 2)), found: decimalText(total) }, 'total')
    }
  }
  const statedText = stated === null ? null : decimalText(stated)
  return { sheet, headingRow: heading + 1, items, sum: decimalText(sum), stated: statedText, findings }
}

/** What a line is called: its name, or the first text before the numbers, where 合计 often stands in merged cells. */
function lineLabel({ grid, columns }: BoqTable, row: number): string {
  const end = columns.quantity ?? 0
  const name = columns.name === null ? '' : cellText(grid, row, columns.name)
  const texts = [name, ...Array.from({ length: end }, (_, column) => grid.rows[row]?.[column]?.trim() ?? '')]
  const plain = texts.map(text => text.normalize('NFKC').replace(/\s|[:]|\([^)]*\)/gu, ''))
  return plain.find(text => totalLine.test(text) || subtotalLine.test(text)) ?? texts.find(text => text !== '') ?? ''
}

function isUncounted({ grid, columns }: BoqTable, row: number, column: BoqColumn): boolean {
  const at = columns[column]
  return at !== null && grid.uncounted.has(`${row}:${at}`)
}

/** A column as spreadsheet programs name it: A, Z, AA. */
export function columnLetters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26))
  return column < 26 ? last : columnLetters(Math.floor(column / 26) - 1) + last
}
