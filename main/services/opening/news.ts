import type { AppFailure } from '../../contract/failure.ts'
import type { WaitingNews } from './await-opening.ts'

/** What happens at an opening beside the steps: told as it happens, in order. */
export type OpeningNews =
  | WaitingNews
  /**
   * What the platform has stored is what its receipt names and what this computer knows: the digests, and whether the
   * platform showed the stored header, which was then compared byte for byte.
   */
  | {
      readonly kind: 'stored'
      readonly sealDigest: string
      readonly receiptDigest: string
      readonly receivedAt: Date
      readonly header: 'same' | 'not-shown'
    }
  /** The challenge has passed every check; nothing has been asked of the lock yet. */
  | { readonly kind: 'challenged'; readonly openedAt: Date; readonly closesAt: Date }
  /** The release is with the platform and waits for `ahead` others; it is asked again after so many milliseconds. */
  | { readonly kind: 'queued'; readonly ahead: number; readonly retryAfter: number }
  /** The keys or the twin are there; so many of the standing bids are released by now. */
  | { readonly kind: 'progress'; readonly released: number; readonly bids: number; readonly closesAt: Date | null }
  | { readonly kind: 'away'; readonly failure: AppFailure }
  | { readonly kind: 'back' }
