import { CryptoFailure, headerArchive, verifySealedBid } from '../../../crypto/index.ts'
import type { SealedBid, Tender, VerifiedBid } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import type { Delivery } from '../../store/index.ts'
import { isSealId, knownBid } from '../delivery/known-bid.ts'
import { receivedAtOf } from '../delivery/receipt.ts'
import { tenderOf } from '../delivery/submit.ts'
import type { Ports } from '../ports.ts'
import { withSealedBid } from '../sealed/sealed-file.ts'
import type { Trust } from '../trust.ts'

/** A bid whose opening is attended. */
export interface AttendedBid {
  readonly bid: SealedBid
  readonly tender: Tender
  /** Whether this computer submitted it, and it neither was replaced nor withdrawn since. */
  readonly ours: boolean
}

/** One whose header has passed checks 1 to 6 with the tender. */
export interface JudgedBid extends AttendedBid {
  readonly verified: VerifiedBid
}

/**
 * Finds the bid: by sealId among this computer's deliveries, or from a sealed file or header file. Its header passes checks
 * 1 to 6 with the tender, only that on a computer without the receipt a certificate may have expired since: then
 * {@link judgeAtReceipt} decides. Throws `bid.not-delivered`, `seal.*`, `cert.*`.
 */
export async function attendedBid(ports: Ports, platform: Platform, name: string, trust: Trust): Promise<AttendedBid> {
  if (isSealId(name)) return find(ports, platform, (await knownBid(ports, name)).bid, trust)
  return withSealedBid(ports, name, bid => find(ports, platform, bid, trust))
}

/** Checks 1 to 6 with certificates judged when the platform received the bid. Throws `seal.*`. */
export async function judgeAtReceipt(attended: AttendedBid, receivedAt: Date): Promise<JudgedBid> {
  return { ...attended, verified: await judge(attended.bid, attended.tender, receivedAt) }
}

/** Throws `bid.not-delivered` for a bid that stands no more, as far as this computer knows. */
export async function requireStanding(ports: Ports, bid: SealedBid): Promise<Delivery | null> {
  const delivery = await ports.deliveries.get(bid.header.sealId)
  if (delivery?.sealDigest !== bid.sealDigest) return null
  if (delivery.state === 'withdrawn') throw new AppFailure('bid.not-delivered', 'this bid has been withdrawn')
  if (delivery.state === 'replaced') {
    throw new AppFailure('bid.not-delivered', 'a later bid has taken the place of this one')
  }
  return delivery
}

async function find(ports: Ports, platform: Platform, bid: SealedBid, trust: Trust): Promise<AttendedBid> {
  const tender = await tenderOf(ports, platform, bid, trust, { sealedFor: bid.header.tender.packageDigest })
  const mine = await requireStanding(ports, bid)
  const receivedAt = await receivedAtOf(ports, bid, tender)
  const ours = mine !== null && ['received', 'released', 'closed'].includes(mine.state) && receivedAt !== undefined
  try {
    await judge(bid, tender, receivedAt ?? ports.clock.now())
  } catch (error) {
    if (receivedAt !== undefined || !isExpiry(error)) throw error
  }
  return { bid, tender, ours }
}

/** seal-format: after a receipt certificates are judged at its time; a certificate that expired since still opens. */
function judge(bid: SealedBid, tender: Tender, at: Date): Promise<VerifiedBid> {
  return verifySealedBid(bid, { anchors: tender.anchors, tender, at, skipParts: true })
}

function isExpiry(error: unknown): boolean {
  return error instanceof CryptoFailure && error.cause instanceof CryptoFailure && error.cause.code === 'cert.expired'
}

/** Gives a bid from elsewhere its place in this home. */
export async function adopt(ports: Ports, bid: SealedBid, platformUrl: string): Promise<void> {
  const { sealId, tender, bidder } = bid.header
  const before = await ports.deliveries.get(sealId)
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
