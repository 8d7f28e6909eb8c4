import { AppFailure } from '../../../contract/failure.ts'

/** A sheet of a workbook, or a CSV file: texts by row and column, both from 0. */
export interface Grid {
  /** The sheet's name; empty for a CSV file. */
  readonly name: string
  /** Rows by number as the file counts them, less one; missing ones are empty. */
  readonly rows: readonly (readonly string[] | undefined)[]
  /** Cells that are one. Their text stands in the first. */
  readonly merged: readonly MergedCells[]
  /** Cells with a formula whose result the file does not hold, as `row:column`. */
  readonly uncounted: ReadonlySet<string>
}

export interface MergedCells {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** What a list may have at most; what is longer is no list of a bid. */
export const gridLimits = {
  /** Bytes of the file. */
  file: 64 * 1024 * 1024,
  /** Bytes of one part of a workbook, unpacked; and of all together. */
  part: 32 * 1024 * 1024,
  parts: 96 * 1024 * 1024,
  entries: 2000,
  sheets: 200,
  rows: 200_000,
  columns: 1000,
  cells: 2_000_000,
  merged: 100_000,
} as const

/** The text of a cell without blanks around it; a merged cell has the text of its first. */
export function cellText({ rows, merged }: Grid, row: number, column: number): string {
  const own = rows[row]?.[column]?.trim() ?? ''
  if (own !== '') return own
  const range = merged.find(
    ({ top, left, bottom, right }) => row >= top && row <= bottom && column >= left && column <= right,
  )
  return range === undefined ? '' : (rows[range.top]?.[range.left]?.trim() ?? '')
}

/** `input.unreadable` with what is wrong about a list. */
export function unreadable(detail: string, cause?: unknown): AppFailure {
  return new AppFailure('input.unreadable', detail, cause === undefined ? {} : { cause })
}
