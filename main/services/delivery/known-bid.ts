import { bytesSource, readSealedBid } from '../../../crypto/index.ts'
import type { SealedBid } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Delivery } from '../../store/index.ts'
import type { Ports } from '../ports.ts'

/** A delivery of this computer with the header of its bid. */
export interface KnownBid {
  readonly delivery: Delivery
  readonly bid: SealedBid
}

/** What this computer knows under a sealId. Throws `bid.not-delivered` when that is nothing, or was never submitted. */
export async function knownBid(ports: Ports, sealId: string): Promise<KnownBid> {
  const delivery = await ports.deliveries.get(sealId)
  const header = delivery === null ? null : await ports.deliveries.file(sealId, 'bid.header')
  if (delivery === null || header === null) {
    throw new AppFailure('bid.not-delivered', 'this computer has not submitted a bid with this sealId')
  }
  const bid = await readSealedBid(bytesSource(header))
  if (bid.sealDigest !== delivery.sealDigest)
    throw new AppFailure('input.unreadable', 'the kept header is another bid’s')
  return { delivery, bid }
}

/** Whether a name on the command line is a sealId and not a file. */
export function isSealId(name: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(name)
}
