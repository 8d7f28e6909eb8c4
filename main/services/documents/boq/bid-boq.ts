import { extname } from 'node:path'
import type { FileSystem } from '../../../../crypto/index.ts'
import { CryptoFailure } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../contract/failure.ts'
import { loadDraft } from '../../bids/draft.ts'
import { fileInside } from '../../bids/inside.ts'
import { checkBoq } from './boq.ts'
import type { CheckedBoq } from './boq.ts'
import { decimalText, readDecimal, round, zero } from './decimal.ts'

/** A priced list that is part of a bid. */
export interface BidBoq {
  readonly documentId: string
  /** The file's name. */
  readonly file: string
  /** The items' totals, summed and rounded to the cent, in canonical form. */
  readonly total: string
  readonly checked: CheckedBoq
}

/** The first document of a bid folder that is a priced list in XLSX or CSV; null when there is none. Throws `bid.invalid`. */
export async function bidBoq(files: FileSystem, folder: string): Promise<BidBoq | null> {
  const { draft } = await loadDraft(folder)
  for (const { path, documentId } of draft.documents) {
    if (!['.xlsx', '.csv'].includes(extname(path).toLowerCase())) continue
    const file = await fileInside(folder, path)
    const checked = file === null ? null : await listOrNull(files, file.path)
    if (checked === null) continue
    const total = decimalText(round(readDecimal(checked.sum) ?? zero, 2))
    return { documentId, file: path.slice(path.lastIndexOf('/') + 1), total, checked }
  }
  return null
}

/** Other lists have no prices, or can't be read; `document boq` says why. */
async function listOrNull(files: FileSystem, path: string): Promise<CheckedBoq | null> {
  try {
    return await checkBoq(files, path)
  } catch (error) {
    const code = error instanceof AppFailure ? error.failure.code : error instanceof CryptoFailure ? error.code : null
    if (code === 'input.unreadable') return null
    throw error
  }
}
