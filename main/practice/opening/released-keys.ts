import { acceptRelease, joinShares, unwrapPartKeys } from '../../../crypto/index.ts'
import type { PartName } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import type { OpeningRecord } from '../state/opening-record.ts'
import { headerPlace } from './headers.ts'

/**
 * The part keys of a bid after the close, from the release that matched; null where none did. In policy `split` the
 * agency's share is joined. They are the caller's to wipe. Throws `seal.key-mismatch` when the shares don't make the
 * committed keys.
 */
export async function releasedKeys(
  context: PracticeContext,
  opening: OpeningRecord,
  bid: BidRecord,
): Promise<ReadonlyMap<PartName, Uint8Array> | null> {
  const { challenge, releases } = context.openings.attendance(opening.openingId, bid.sealDigest)
  const attempt = releases.find(each => !each.late && each.whole)
  if (challenge === null || attempt === undefined) return null
  const { verified, tender } = await context.work.headers.of(headerPlace(context, bid))
  const { release, receivedAt: at } = attempt
  const { held } = await acceptRelease({ verified, tender, challenge, release, opener: context.keys.openingKey, at })
  if (held === null) return null
  if (held.holds === 'partKey') return held.keys
  const agency = await unwrapPartKeys(verified, context.keys.agencyKey)
  try {
    return joinShares(verified, held, agency).keys
  } finally {
    for (const share of [...held.keys.values(), ...agency.keys.values()]) share.fill(0)
  }
}
