import type { SealedBid, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'

/**
 * What opens the bid. A lock is any the sealed header names, main or second: each is a recipient in its own right, under
 * every tender. The two others are remedies, and are taken only where the signed tender provides for them.
 */
export type OpeningKeys =
  | { readonly kind: 'lock' }
  /** The printed code in place of a lock's key; some lock of the bidder still signs. Never stored, never logged. */
  | { readonly kind: 'recovery-code'; readonly code: string }
  /** The bid unencrypted, in the file that was made together with the sealed one. */
  | {
      readonly kind: 'plain-twin'
      readonly file: string
      /** Whether the person agrees that the platform gets the plaintext; asked once it is proved to be the bid's. */
      readonly handOver: (bytes: number) => Promise<boolean>
    }

/**
 * Refuses a remedy that the signed tender and the bid's own header do not provide for, before anything is read or asked.
 * Throws `opening.remedy`.
 */
export function requireRemedy(keys: OpeningKeys, bid: SealedBid, tender: Tender): void {
  if (keys.kind === 'lock') return
  const allowed = tender.fields.remedy.kind
  if (allowed !== keys.kind) {
    throw new AppFailure('opening.remedy', `the tender's remedy is ${allowed}, not ${keys.kind}`)
  }
  const bound =
    keys.kind === 'recovery-code'
      ? bid.header.recipients.some(({ role }) => role === 'recovery')
      : bid.header.remedy?.plainTwin !== undefined
  if (!bound) throw new AppFailure('opening.remedy', `the bid was sealed without a ${keys.kind}`)
}

/** Throws `opening.remedy` once the window for keys has ended: what arrives then is recorded and never opened. */
export function requireInWindow(keys: OpeningKeys, closesAt: Date, serverTime: Date | null): void {
  if (keys.kind === 'lock' || serverTime === null || serverTime < closesAt) return
  throw new AppFailure('opening.remedy', `the window for it ended at ${closesAt.toISOString()}`)
}
