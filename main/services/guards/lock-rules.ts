import { type GuardedBid, type GuardedRecipient, type GuardFacts, type KeyHere, standingOf } from './facts.ts'
import type { KeyStanding, LockHere, SealedFacts } from './facts.ts'
import type { GuardFinding } from './finding.ts'
import { day, findingOn } from './make-finding.ts'

/** From here to the opening a lock that cannot be seen is more than a note. */
const lockNeeded = 3 * day
/** An opening may be put off: a certificate that ends within this time after it is worth a word. */
const margin = 30 * day

/** What the locks that are here, and their certificates, mean for a bid that will need them at its opening. */
export function lockRules(bid: GuardedBid, facts: GuardFacts): readonly GuardFinding[] {
  const { sealed } = bid
  if (sealed === null || facts.now >= bid.closesAt) return []
  // Undelivered and too late, no key will ever be asked for.
  if (bid.state !== 'received' && facts.now > bid.deadline) return []
  const standings = sealed.recipients.map(recipient => ({
    recipient,
    standing: standingOf(recipient, bid, facts.locks),
  }))
  return [
    ...absenceRules(bid, sealed, standings, facts),
    ...standings.flatMap(({ recipient, standing }) => [
      ...standingRules(bid, recipient, standing),
      ...expiryRules(bid, recipient, standing),
      ...revocationRules(bid, recipient, standing),
    ]),
    ...signerRules(
      bid,
      sealed,
      standings.map(({ standing }) => standing),
      facts.locks,
    ),
  ]
}

interface Stood {
  readonly recipient: GuardedRecipient
  readonly standing: KeyStanding
}

/**
 * Locks that are not here. A day before the opening it is said once that none is; a lock that is away while another opens
 * the bid is a note and no more.
 */
function absenceRules(
  bid: GuardedBid,
  { recovery }: SealedFacts,
  standings: readonly Stood[],
  { now }: GuardFacts,
): readonly GuardFinding[] {
  const opens = standings.some(({ standing: { kind } }) => kind === 'here' || kind === 'renewed')
  const left = bid.openingTime.getTime() - now.getTime()
  const when = bid.openingTime
  if (!opens && left <= day) {
    const about = standings.map(({ recipient }) => recipient.label).join(', ')
    return [findingOn(bid, 'no-lock-here', recovery ? 'warning' : 'urgent', { about, when })]
  }
  const level = !opens && left <= lockNeeded ? 'warning' : 'note'
  const absent = standings.filter(({ standing }) => standing.kind === 'absent')
  return absent.map(({ recipient }) => findingOn(bid, 'lock-absent', level, { recipient, when }))
}

function standingRules(
  bid: GuardedBid,
  recipient: GuardedRecipient,
  { kind, lock }: KeyStanding,
): readonly GuardFinding[] {
  const about = { recipient, when: bid.openingTime }
  const pin = pinRules(bid, recipient, lock)
  if (kind === 'new-key') return [findingOn(bid, 'lock-new-key', 'warning', about)]
  if (kind === 'renewed') return [findingOn(bid, 'lock-renewed', 'note', about), ...pin]
  return kind === 'here' ? pin : []
}

function pinRules(bid: GuardedBid, recipient: GuardedRecipient, lock: LockHere | null): readonly GuardFinding[] {
  const about = { recipient, when: bid.openingTime }
  if (lock?.pin === 'locked') return [findingOn(bid, 'pin-locked', 'urgent', about)]
  if (lock?.pin === 'last-try') return [findingOn(bid, 'pin-last-try', 'warning', about)]
  return []
}

/** Of a certificate that was renewed on the same key the new one's end counts. */
function expiryRules(
  bid: GuardedBid,
  recipient: GuardedRecipient,
  { kind, key }: KeyStanding,
): readonly GuardFinding[] {
  const notAfter = kind === 'renewed' && key !== null ? key.notAfter : recipient.notAfter
  const about = { recipient, when: notAfter }
  if (notAfter < bid.closesAt) return [findingOn(bid, 'certificate-expires-early', 'warning', about)]
  const soon = notAfter.getTime() < bid.closesAt.getTime() + margin
  return soon ? [findingOn(bid, 'certificate-expires-soon', 'note', about)] : []
}

function revocationRules(
  bid: GuardedBid,
  recipient: GuardedRecipient,
  { kind, key }: KeyStanding,
): readonly GuardFinding[] {
  const since = kind === 'here' || kind === 'renewed' ? key?.revokedSince.get(bid.sealId) : undefined
  return since === undefined
    ? []
    : [findingOn(bid, 'certificate-revoked', 'warning', { recipient, when: new Date(since) })]
}

/**
 * The release is signed too: by any certificate with the bidder's credit code, valid then, of an authority that the tender
 * accepts. Looked at where a lock of the bidder is here, one finding of a kind for a bid.
 */
function signerRules(
  bid: GuardedBid,
  { signer }: SealedFacts,
  standings: readonly KeyStanding[],
  locks: readonly LockHere[],
): readonly GuardFinding[] {
  const since = signer?.revokedSince ?? null
  const about = { about: signer?.subject ?? '', when: new Date(since ?? 0) }
  const revoked = since === null ? [] : [findingOn(bid, 'signer-revoked', 'warning', about)]
  const ofBid = locks.filter(lock => standings.some(standing => standing.lock === lock))
  const signing = (ofBid.length === 0 ? locks : ofBid).flatMap(({ keys }) =>
    keys.filter(({ use, creditCode }) => use === 'sign' && creditCode === bid.creditCode),
  )
  return [...revoked, ...signingExpiry(bid, signing), ...authorityRules(bid, signer?.issuer ?? null, signing)]
}

function signingExpiry(bid: GuardedBid, signing: readonly KeyHere[]): readonly GuardFinding[] {
  const longest = latest(signing)
  if (longest === null || longest.notAfter >= bid.closesAt) return []
  return [findingOn(bid, 'signing-expires', 'warning', { about: longest.subject, when: longest.notAfter })]
}

function authorityRules(
  bid: GuardedBid,
  sealedUnder: string | null,
  signing: readonly KeyHere[],
): readonly GuardFinding[] {
  const usable = signing.filter(({ accepted }) => accepted.get(bid.sealId) !== false)
  const refused = latest(signing.filter(key => !usable.includes(key)))
  if (usable.length === 0 && refused !== null) {
    return [findingOn(bid, 'authority-not-accepted', 'warning', { about: refused.issuerName })]
  }
  const changed = latest(usable.filter(({ issuer }) => issuer !== sealedUnder))
  const unchanged = usable.some(({ issuer }) => issuer === sealedUnder)
  if (sealedUnder === null || unchanged || changed === null) return []
  return [findingOn(bid, 'authority-changed', 'note', { about: changed.issuerName })]
}

/** The one that lasts longest. */
function latest(keys: readonly KeyHere[]): KeyHere | null {
  return keys.reduce<KeyHere | null>((best, key) => (best === null || key.notAfter > best.notAfter ? key : best), null)
}
