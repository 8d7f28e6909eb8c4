import { commonName, fromHex } from '../../../crypto/index.ts'
import type { SealedBid, SealOutcome, Tender } from '../../../crypto/index.ts'
import { inspectBid } from '../sealed/inspect.ts'

/** What the seal slip says. Times are RFC 3339 UTC. */
export interface SlipFacts {
  readonly sealId: string
  readonly shortCode: string
  readonly sealDigest: string
  readonly suite: string
  /** Bytes of the sealed file. */
  readonly size: number
  readonly sealedAt: string
  readonly tender: {
    readonly title: string
    readonly platform: string
    readonly tenderId: string
    readonly lotId: string
    readonly projectCode: string
    readonly deadline: string
    readonly openingTime: string
    /** When the time to release the key is over. */
    readonly releaseEnds: string
  }
  readonly bidder: { readonly name: string; readonly creditCode: string }
  readonly locks: readonly SlipLock[]
  readonly hasRecoveryCode: boolean
  readonly hasPlainTwin: boolean
  readonly replaces: string | null
}

/** A lock on the slip. */
export interface SlipLock {
  readonly role: 'main' | 'backup' | 'agency'
  readonly label: string
  /** Who the certificate is for, by its common name. */
  readonly subject: string
  /** Hex. */
  readonly serial: string
  readonly notAfter: string
  /** It has opened the bid in the self-test. */
  readonly proved: boolean
}

/** The facts of a slip: what the signed header says, and what sealing has proved. */
export function slipFacts(bid: SealedBid, outcome: SealOutcome, tender: Tender, now: Date): SlipFacts {
  const { sealId, shortCode, sealDigest, suite, size, createdAt, bidder } = inspectBid(bid)
  const { recipients } = bid.header
  const { title, platformId, tenderId, lotId = '', projectCode, deadline, openingTime, releaseMinutes } = tender.fields
  const proved = new Set(outcome.recipients.filter(each => each.proved).map(({ id }) => id))
  return {
    sealId,
    shortCode,
    sealDigest,
    suite,
    size,
    sealedAt: createdAt ?? now.toISOString(),
    tender: {
      ...{ title, platform: platformId, tenderId, lotId, projectCode, deadline, openingTime },
      releaseEnds: new Date(Date.parse(openingTime) + releaseMinutes * 60_000).toISOString(),
    },
    bidder,
    locks: recipients.flatMap(each => {
      if (each.role === 'recovery') return []
      const { id, role, label = '', subject, serial, notAfter } = each
      return [{ role, label, subject: commonName(fromHex(subject)) ?? '', serial, notAfter, proved: proved.has(id) }]
    }),
    hasRecoveryCode: recipients.some(({ role }) => role === 'recovery'),
    hasPlainTwin: bid.header.remedy?.plainTwin !== undefined,
    replaces: bid.header.replaces ?? null,
  }
}
