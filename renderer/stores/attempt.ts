import type { Failure } from '../../main/contract/failure.ts'
import { CallFailed } from '../bridge.ts'

/** What every store that asks the main process knows about its asking. */
export interface Asking {
  /** A request of this store is under way. */
  readonly busy: boolean
  /** Why the last request failed; null when it didn't, or when the user stopped it. */
  readonly failure: Failure | null
}

/** The state of a store that has not asked yet. */
export const notAsking: Asking = { busy: false, failure: null }

/** What a failed request is to the user: null for one that the user cancelled. */
export function failureOf(error: unknown): Failure | null {
  if (!(error instanceof CallFailed)) return { code: 'internal', detail: 'the page made a mistake' }
  return error.failure.code === 'cancelled' ? null : error.failure
}

/**
 * Runs one request of a store: `busy` while it lasts, its failure kept when it fails. Answers null when it failed;
 * never throws.
 */
export async function attempt<T>(set: (state: Partial<Asking>) => void, work: () => Promise<T>): Promise<T | null> {
  set({ busy: true, failure: null })
  try {
    return await work()
  } catch (error) {
    set({ failure: failureOf(error) })
    return null
  } finally {
    set({ busy: false })
  }
}
