import type { JobControl, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { recordedPlatform } from '../evidence/recorded-platform.ts'
import { signJournal } from '../evidence/sign-journal.ts'
import type { Ports } from '../ports.ts'
import type { Locks } from '../tokens/locks.ts'
import type { Trust } from '../trust.ts'
import { authorise, bidderSigner, bidReference } from './authorise.ts'
import { knownBid } from './known-bid.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { ReceiptFields } from './receipt.ts'
import { requireReceipt } from './receipt.ts'
import { tenderOf } from './tender-of.ts'

export interface WithdrawRequest {
  readonly sealId: string
  readonly platformUrl: string
  readonly token: string
  readonly trust: Trust
}

export interface Withdrawn {
  readonly receipt: ReceiptFields
  readonly document: SignedDocument
}

/**
 * Takes a delivered bid back and checks the receipt that says so. Throws `bid.not-delivered`, `platform.late` after the
 * deadline, `platform.*`, `token.*`.
 */
export async function withdrawBid(
  ports: Ports,
  locks: Locks,
  request: WithdrawRequest,
  control: JobControl,
): Promise<Withdrawn> {
  // First, so that a sealId this home does not know leaves no lock file's folder behind.
  await knownBid(ports, request.sealId)
  return oneAtATime(ports, request.sealId, () => withdrawOne(ports, locks, request, control))
}

async function withdrawOne(
  ports: Ports,
  locks: Locks,
  request: WithdrawRequest,
  control: JobControl,
): Promise<Withdrawn> {
  const { delivery, bid } = await knownBid(ports, request.sealId)
  if (delivery.state === 'replaced') throw new AppFailure('bid.not-delivered', 'a later bid has taken its place')
  const { sealId, sealDigest } = delivery
  const platform = recordedPlatform(ports, ports.platformAt(request.platformUrl, control.signal), {
    sealId,
    sealDigest,
  })
  const tender = await tenderOf(ports, platform, bid, request.trust)
  const kept = delivery.state === 'withdrawn' ? await ports.deliveries.document(sealId, 'withdrawal') : null
  if (kept !== null) return { receipt: requireReceipt(kept, bid, tender, 'withdrawn'), document: kept }
  const signer = await bidderSigner(locks, request.token, bid)
  const withdrawal = await authorise(ports, platform, bid, signer, 'withdraw', bidReference(bid))
  // Killed, or cut off, from here on: the receipt that is kept proves nothing any more until the platform is asked.
  await ports.deliveries.save({ ...delivery, withdrawing: true })
  const document = await platform.withdraw(withdrawal)
  const receipt = requireReceipt(document, bid, tender, 'withdrawn')
  await ports.deliveries.keepDocument(sealId, 'withdrawal', document)
  await ports.journal.append('withdrawn', { sealId, sealDigest })
  const { withdrawing: _, ...known } = delivery
  await ports.deliveries.save({ ...known, state: 'withdrawn' })
  await signJournal(ports, { signer, suite: bid.suite, sealId, sealDigest, moment: 'withdrawn' })
  return { receipt, document }
}
