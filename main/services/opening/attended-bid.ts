import { decodeDocument, headerArchive, verifySealedBid } from '../../../crypto/index.ts'
import type { SealedBid, SignedDocument, Tender, VerifiedBid } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import type { Delivery } from '../../store/index.ts'
import { isSealId, knownBid } from '../delivery/known-bid.ts'
import { tenderOf } from '../delivery/submit.ts'
import type { Ports } from '../ports.ts'
import { withSealedBid } from '../sealed/sealed-file.ts'
import type { Trust } from '../trust.ts'

/** A bid whose opening is attended: its header has passed checks 1 to 6 with the tender. */
export interface AttendedBid {
  readonly bid: SealedBid
  readonly verified: VerifiedBid
  readonly tender: Tender
  /** Whether this computer submitted it, and it neither was replaced nor withdrawn since. */
  readonly ours: boolean
}

/**
 * Finds the bid: by sealId among this computer's deliveries, or from a sealed file or header file. On another computer it
 * becomes a delivery of this home, so that what is released is kept. Throws `bid.not-delivered`, `seal.*`, `cert.*`.
 */
export async function attendedBid(
  ports: Ports,
  platform: Platform,
  platformUrl: string,
  name: string,
  trust: Trust,
): Promise<AttendedBid> {
  if (isSealId(name)) return judge(ports, platform, platformUrl, (await knownBid(ports, name)).bid, trust)
  return withSealedBid(ports, name, bid => judge(ports, platform, platformUrl, bid, trust))
}

async function judge(
  ports: Ports,
  platform: Platform,
  platformUrl: string,
  bid: SealedBid,
  trust: Trust,
): Promise<AttendedBid> {
  const tender = await tenderOf(ports, platform, bid, trust)
  const delivery = await ports.deliveries.get(bid.header.sealId)
  const mine = delivery?.sealDigest === bid.sealDigest ? delivery : null
  if (mine?.state === 'withdrawn') throw new AppFailure('bid.not-delivered', 'this bid has been withdrawn')
  if (mine?.state === 'replaced')
    throw new AppFailure('bid.not-delivered', 'a later bid has taken the place of this one')
  const kept = await ports.deliveries.document(bid.header.sealId, 'receipt')
  const verified = await verifySealedBid(bid, {
    anchors: tender.anchors,
    tender,
    at: receivedAt(kept),
    skipParts: true,
  })
  const ours = mine !== null && ['received', 'released', 'closed'].includes(mine.state) && kept !== null
  if (!ours) await adopt(ports, bid, mine, platformUrl)
  return { bid, verified, tender, ours }
}

/** seal-format: after a receipt certificates are judged at its time; a certificate that expired since still opens. */
function receivedAt(receipt: SignedDocument | null): Date | undefined {
  if (receipt === null) return undefined
  const { receivedAt: at } = decodeDocument('receipt', receipt.bytes)
  return new Date(at)
}

/** Gives a bid from elsewhere its place in this home. */
async function adopt(ports: Ports, bid: SealedBid, before: Delivery | null, platformUrl: string): Promise<void> {
  const { sealId, tender, bidder } = bid.header
  await ports.deliveries.keepFile(sealId, 'bid.header', headerArchive(bid))
  if (before !== null) return
  await ports.deliveries.save({
    sealId,
    sealDigest: bid.sealDigest,
    shortCode: bid.shortCode,
    packageDigest: tender.packageDigest,
    tenderId: tender.tenderId,
    lotId: tender.lotId,
    creditCode: bidder.creditCode,
    openingTime: tender.openingTime,
    state: 'submitting',
    platform: platformUrl,
  })
}
