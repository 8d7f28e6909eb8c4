import type { Grid } from './grid.ts'
import { cellText } from './grid.ts'

/** Columns of a priced bill of quantities. */
export type BoqColumn = 'code' | 'name' | 'unit' | 'quantity' | 'unitPrice' | 'total'

/** Where a table stands in a grid. Rows and columns from 0. */
export interface BoqTable {
  readonly grid: Grid
  /** The last row of its heading. */
  readonly heading: number
  readonly columns: Readonly<Record<BoqColumn, number | null>>
}

/** What the headings are called; the first that a row has counts (GB 50500, tables of 分部分项工程和单价措施项目). */
const names: Readonly<Record<BoqColumn, readonly string[]>> = {
  code: ['项目编码', '清单编码', '子目编码', '子目号', '编码', '编号'],
  name: ['项目名称', '子目名称', '清单名称', '工程项目名称', '名称'],
  unit: ['计量单位', '单位'],
  quantity: ['工程量', '工程数量', '数量'],
  unitPrice: ['综合单价', '全费用综合单价', '单价'],
  total: ['合价', '综合合价', '合价金额', '合计', '金额'],
}

/** Headings are looked for in the first rows of a sheet. */
const headingRows = 100

/** The tables of all sheets: in each the first row, or two rows one above the other, with all the headings that are needed. */
export function findTables(grids: readonly Grid[]): readonly BoqTable[] {
  return grids.flatMap(grid => {
    for (let row = 0; row < Math.min(grid.rows.length, headingRows); row += 1) {
      for (const heading of [row, row + 1]) {
        const columns = columnsOf(grid, row, heading)
        if (columns !== null) return [{ grid, heading, columns }]
      }
    }
    return []
  })
}

/** Whether a row repeats the table's heading, as printed lists do at the head of each page. */
export function isHeading({ grid, columns }: BoqTable, row: number): boolean {
  const isNamed = (column: BoqColumn): boolean => {
    const at = columns[column]
    return at !== null && names[column].includes(plainHeading(cellText(grid, row, at)))
  }
  return isNamed('name') && isNamed('quantity') ? true : isNamed('unitPrice') && isNamed('total')
}

function columnsOf(grid: Grid, first: number, last: number): BoqTable['columns'] | null {
  const width = Math.max(grid.rows[first]?.length ?? 0, grid.rows[last]?.length ?? 0)
  const headings = Array.from({ length: width }, (_, column) => [
    plainHeading(cellText(grid, last, column)),
    plainHeading(cellText(grid, first, column)),
  ])
  const place = (column: BoqColumn): number | null => {
    for (const name of names[column]) {
      // The lower of two rows says more: 金额 above 综合单价 and 合价.
      const lower = headings.findIndex(texts => texts[0] === name)
      if (lower >= 0) return lower
      const upper = headings.findIndex(texts => texts[1] === name)
      if (upper >= 0) return upper
    }
    return null
  }
  const found = {
    code: place('code'),
    name: place('name'),
    unit: place('unit'),
    quantity: place('quantity'),
    unitPrice: place('unitPrice'),
    total: place('total'),
  }
  const needed = [found.name, found.quantity, found.unitPrice, found.total]
  return needed.includes(null) || new Set(needed).size < needed.length ? null : found
}

function plainHeading(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\s|\([^)]*\)|[:*]/gu, '')
    .replace(/元$/u, '')
}
