import type { FileSystem } from '../../../../crypto/index.ts'
import { readAll } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../contract/failure.ts'
import { amountInFigures, readAmount } from '../amounts.ts'
import type { BoqFinding, CheckedTable } from './check-boq.ts'
import { boqFindingLevels, checkTable } from './check-boq.ts'
import { readCsv } from './csv.ts'
import { add, compare, decimalText, readDecimal, zero } from './decimal.ts'
import { findTables } from './find-table.ts'
import { gridLimits, unreadable } from './grid.ts'

/** A priced bill of quantities (已标价工程量清单) after its checks. */
export interface CheckedBoq {
  readonly kind: 'xlsx' | 'csv'
  readonly tables: readonly CheckedTable[]
  readonly items: number
  /** All items' totals, summed. */
  readonly sum: string
  /** What the price form says, when it was given, in canonical form. */
  readonly amount: string | null
  readonly findings: readonly BoqFinding[]
}

/**
 * Reads a priced list from XLSX or CSV and checks it: each row's 工程量 × 综合单价 = 合价, lines of totals, and the sum against
 * the amount of the price form. Arithmetic is exact, on decimals. Throws `input.unreadable` for what is no such list,
 * `arguments.bad` for an amount that is none.
 */
export async function checkBoq(files: FileSystem, path: string, amount?: string): Promise<CheckedBoq> {
  const wanted = amount === undefined ? null : readAmount(amount)
  if (amount !== undefined && wanted === null) throw new AppFailure('arguments.bad', 'the amount is none')
  const source = await files.open(path)
  try {
    return await checkBytes(await readAll(source, gridLimits.file), wanted)
  } finally {
    await source.close()
  }
}

async function checkBytes(bytes: Uint8Array, amount: string | null): Promise<CheckedBoq> {
  const start = Buffer.from(bytes.subarray(0, 8)).toString('latin1')
  if (start.startsWith('\xd0\xcf\x11\xe0')) throw unreadable('the list is an old .xls, or encrypted; save it as .xlsx')
  if (start.startsWith('%PDF')) throw unreadable('the list is a PDF; only XLSX and CSV are calculated')
  const kind = start.startsWith('PK') ? 'xlsx' : 'csv'
  // The XML library is loaded where a workbook is read.
  const grids = kind === 'xlsx' ? await (await import('./xlsx.ts')).readXlsx(bytes) : [readCsv(bytes)]
  const tables = findTables(grids).map(checkTable)
  if (tables.length === 0) {
    throw unreadable('no table with the headings 项目名称, 工程量, 综合单价 and 合价 was found in the list')
  }
  const sum = tables.map(table => readDecimal(table.sum) ?? zero).reduce(add, zero)
  const findings = tables.flatMap(table => table.findings)
  if (amount !== null) {
    const price = readDecimal(amount) ?? zero
    const stated = tables.flatMap(table => (table.stated === null ? [] : [readDecimal(table.stated) ?? zero]))
    if (![sum, ...stated].some(each => compare(each, price) === 0))
      findings.push(amountDiffers(decimalText(sum), amount))
  }
  return {
    kind,
    tables,
    items: tables.reduce((count, table) => count + table.items, 0),
    sum: decimalText(sum),
    amount,
    findings,
  }
}

function amountDiffers(sum: string, amount: string): BoqFinding {
  const level = boqFindingLevels['amount-differs']
  return {
    code: 'amount-differs',
    level,
    sheet: '',
    row: null,
    about: amountInFigures(amount),
    expected: amount,
    found: sum,
  }
}
