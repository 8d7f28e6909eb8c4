import type { GuardedBid, GuardedRecipient } from './facts.ts'
import type { GuardCode, GuardFinding, GuardLevel } from './finding.ts'

/** Milliseconds. */
export const hour = 3_600_000
/** Milliseconds. */
export const day = 24 * hour

/** Tells something about a bid, or about one of its recipients. */
export function findingOn(
  bid: GuardedBid,
  code: GuardCode,
  level: GuardLevel,
  more: { readonly recipient?: GuardedRecipient; readonly about?: string; readonly when?: Date } = {},
): GuardFinding {
  const { recipient, about = recipient?.label ?? '', when } = more
  return {
    id: `${code}:${bid.sealId}${recipient === undefined ? '' : `:${recipient.id}`}`,
    code,
    level,
    sealId: bid.sealId,
    shortCode: bid.shortCode,
    ...(recipient === undefined ? {} : { recipient: recipient.id }),
    about,
    ...(when === undefined ? {} : { when: when.toISOString() }),
  }
}
