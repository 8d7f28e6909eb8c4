import type { BulkSuite } from '../suite.ts'
import { gm1Bulk } from './gm-1-bulk.ts'
import { intl1Bulk } from './intl-1-bulk.ts'

/** Bulk halves of the suites: what a worker thread loads, without certificates and CMS. */
const bulkSuites: readonly BulkSuite[] = [intl1Bulk, gm1Bulk]

/** The bulk half of a version string's suite, or null for one this program does not know. */
export function bulkSuiteById(id: string): BulkSuite | null {
  return bulkSuites.find(suite => suite.id === id) ?? null
}
