import type { ModuleReference, Ports } from '../ports.ts'
import { type GuardedBid, type GuardFacts, type KeyStanding, standingOf } from './facts.ts'
import type { GuardFinding } from './finding.ts'
import { gatherBids } from './gather-bids.ts'
import { gatherLocks, type UnseenModule } from './gather-locks.ts'
import { guardFindings } from './rules.ts'

/** A sealed bid and the certificates that its opening depends on. Times are RFC 3339 UTC. */
export interface GuardedBidReport {
  readonly sealId: string
  readonly shortCode: string
  readonly state: GuardedBid['state']
  readonly title: string
  readonly tenderId: string
  readonly lotId: string
  readonly deadline: string
  readonly openingTime: string
  readonly closesAt: string
  readonly recovery: boolean
  readonly certificates: readonly {
    readonly recipient: string
    readonly role: 'main' | 'backup'
    /** The user's own name of the lock. */
    readonly label: string
    readonly subject: string
    readonly issuer: string
    readonly serial: string
    readonly notAfter: string
    readonly key: KeyStanding['kind']
    /** The lock that was looked at, where one is here. */
    readonly lock?: string
  }[]
}

/** What the opening of every sealed bid depends on, and what threatens it. */
export interface GuardReport {
  readonly bids: readonly GuardedBidReport[]
  readonly findings: readonly GuardFinding[]
  /** Modules that could not be looked into: a lock that is not seen may be behind them. */
  readonly unseen: readonly UnseenModule[]
}

/**
 * Looks after the sealed bids of this home that are not opened yet: which keys they depend on, whether those are here, and
 * what has changed. Nothing is fetched and no PIN asked for. Throws when the deliveries cannot be listed.
 */
export async function guardBids(ports: Ports, modules: readonly ModuleReference[]): Promise<GuardReport> {
  const gathered = await gatherBids(ports)
  const { locks, unseen } = await gatherLocks(ports, modules, gathered)
  const bids = gathered.map(({ bid }) => bid).sort((a, b) => a.openingTime.getTime() - b.openingTime.getTime())
  const facts: GuardFacts = {
    now: latest(
      ports.clock.now(),
      gathered.flatMap(({ receivedAt }) => receivedAt ?? []),
    ),
    bids,
    damaged: await ports.deliveries.damaged(),
    locks,
  }
  return { bids: bids.map(bid => reportOf(bid, facts)), findings: guardFindings(facts), unseen }
}

/** A clock that is behind a receipt's time is wrong: the platform has been there already. */
function latest(now: Date, times: readonly Date[]): Date {
  return times.reduce((best, time) => (time > best ? time : best), now)
}

function reportOf(bid: GuardedBid, { locks }: GuardFacts): GuardedBidReport {
  const { sealId, shortCode, state, title, tenderId, lotId, sealed } = bid
  return {
    ...{ sealId, shortCode, state, title, tenderId, lotId },
    deadline: bid.deadline.toISOString(),
    openingTime: bid.openingTime.toISOString(),
    closesAt: bid.closesAt.toISOString(),
    recovery: sealed?.recovery === true,
    certificates: (sealed?.recipients ?? []).map(recipient => {
      const { kind, lock } = standingOf(recipient, bid, locks)
      const { id, role, label, subject, issuer, serial, notAfter } = recipient
      return {
        ...{ recipient: id, role, label, subject, issuer, serial },
        notAfter: notAfter.toISOString(),
        key: kind,
        ...(lock === null ? {} : { lock: lock.label }),
      }
    }),
  }
}
