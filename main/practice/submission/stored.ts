import { rebuildArchive } from '../../../crypto/index.ts'
import type { ByteSource } from '../../../crypto/index.ts'
import type { PartName } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'

/** The canonical archive over the stored parts: virtual, nothing is copied. */
export async function openStored(context: PracticeContext, bid: BidRecord): Promise<ByteSource> {
  const headerArchive = await context.bids.headerArchive(bid.sealDigest)
  const parts = new Map<PartName, ByteSource>()
  try {
    for (const part of bid.parts) parts.set(part.name, await context.uploads.open(bid, part))
  } catch (error) {
    for (const source of parts.values()) await source.close()
    throw error
  }
  return rebuildArchive(headerArchive, parts)
}
