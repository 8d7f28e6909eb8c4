import type { Signer } from '../../../crypto/index.ts'
import type { Platform } from '../../platform/index.ts'
import { bidderSigner } from '../delivery/authorise.ts'
import { reached } from '../delivery/progress.ts'
import { recordedWork } from '../evidence/recorded-platform.ts'
import type { Ports } from '../ports.ts'
import type { ServerClock } from '../time/server-clock.ts'
import type { Locks } from '../tokens/locks.ts'
import type { AttendedBid } from './attended-bid.ts'
import type { OpeningTerms } from './terms.ts'

/** One bid at its opening, and everything an act there is done with. */
export interface Attendance {
  readonly ports: Ports
  /** Every attempt on it is in the journal. */
  readonly platform: Platform
  /** With the certificates that signed notices have added. */
  readonly attended: AttendedBid
  readonly terms: OpeningTerms
  readonly openingId: string
  readonly clock: ServerClock
  readonly signer: LazySigner
}

/** The bidder's signer; the lock is asked only when something has to be signed. */
export interface LazySigner {
  get(): Promise<Signer>
  /** The same for what can be done without: one that fails is not held against the bidder in the journal. */
  offer(): Promise<Signer>
  /** The signer if something was signed already: the lock is at hand and asks nothing more. */
  atHand(): Signer | null
}

/** {@link LazySigner} over a lock that bears the bid's credit code. A lock or a PIN that fails is in the journal. */
export function lazySigner(ports: Ports, locks: Locks, token: string, { bid }: AttendedBid): LazySigner {
  let used: Signer | null = null
  const named = { sealId: bid.header.sealId, sealDigest: bid.sealDigest }
  return {
    async get() {
      used ??= await recordedWork(ports, named, 'lock', () => bidderSigner(locks, token, bid))
      return used
    },
    async offer() {
      used ??= await bidderSigner(locks, token, bid)
      return used
    },
    atHand: () => used,
  }
}

/** Notes how far a bid has come. Under the bid's lock. */
export async function note(ports: Ports, sealId: string, state: 'released' | 'closed'): Promise<void> {
  const delivery = await ports.deliveries.get(sealId)
  if (delivery !== null) await ports.deliveries.save(reached(delivery, state))
}
