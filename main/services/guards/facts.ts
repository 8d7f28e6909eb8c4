import type { PinState, SuiteId } from '../../../crypto/index.ts'
import type { DeliveryState } from '../../store/index.ts'

/** Everything the rules look at: what was gathered at one moment, without a PIN and without the network. */
export interface GuardFacts {
  readonly now: Date
  readonly bids: readonly GuardedBid[]
  /** sealIds of bids whose records cannot be read. */
  readonly damaged: readonly string[]
  readonly locks: readonly LockHere[]
}

/** A bid that was sealed and is not opened yet. */
export interface GuardedBid {
  readonly sealId: string
  readonly shortCode: string
  readonly state: DeliveryState
  readonly title: string
  readonly tenderId: string
  readonly lotId: string
  readonly creditCode: string
  /** Where the parts' keys go first: the platform's dates, put off by signed notices where there are some. */
  readonly deadline: Date
  readonly openingTime: Date
  /** When keys are no longer taken. */
  readonly closesAt: Date
  /** What the header says; null when no header is at hand. */
  readonly sealed: SealedFacts | null
  /** Whether the sealed file is where it was written; null where that is not known. */
  readonly fileThere: boolean | null
  /** packageDigest of a later package that was imported after sealing. */
  readonly addendum: string | null
}

/** What the header of a bid says of keys. */
export interface SealedFacts {
  readonly suite: SuiteId
  readonly recipients: readonly GuardedRecipient[]
  /** A recovery code opens it too. */
  readonly recovery: boolean
  /** The certificate that signed it. */
  readonly signer: {
    readonly subject: string
    /** DER Name, hex. */
    readonly issuer: string
    /** When it was taken back, as far as is known here. */
    readonly revokedSince: string | null
  } | null
}

/** A lock of the bidder that opens the bid. */
export interface GuardedRecipient {
  readonly id: string
  readonly role: 'main' | 'backup'
  readonly label: string
  readonly subject: string
  readonly issuer: string
  /** Hex. */
  readonly serial: string
  readonly notAfter: Date
  /** Hex, by the bid's suite. */
  readonly certificateDigest: string
  readonly publicKeyDigest: string
}

/** A lock that can be seen now. */
export interface LockHere {
  readonly uri: string
  readonly label: string
  readonly pin: PinState['state']
  readonly keys: readonly KeyHere[]
}

/** A certificate on a lock that is here, with its key. */
export interface KeyHere {
  readonly use: 'sign' | 'decrypt'
  readonly subject: string
  /** DER Name, hex. */
  readonly issuer: string
  readonly issuerName: string
  readonly notAfter: Date
  readonly creditCode: string | null
  /** Digests by suite, hex. */
  readonly digests: Readonly<Record<SuiteId, { readonly certificate: string; readonly publicKey: string }>>
  /** By sealId: whether its authority leads to one the tender accepts. Where that was not looked at there is nothing. */
  readonly accepted: ReadonlyMap<string, boolean>
  /** By sealId: since when it is known to be revoked. */
  readonly revokedSince: ReadonlyMap<string, string>
}

/** Where the key of a recipient is. */
export interface KeyStanding {
  /**
   * `here`: this very certificate. `renewed`: the same key under a new certificate, which opens the bid as well. `new-key`:
   * a lock of the bidder is here, renewed with another key, which does not. `absent`: no lock that has to do with it.
   */
  readonly kind: 'here' | 'renewed' | 'new-key' | 'absent'
  readonly lock: LockHere | null
  readonly key: KeyHere | null
}

/** Where the key of a recipient is, among the locks that are here. */
export function standingOf(recipient: GuardedRecipient, bid: GuardedBid, locks: readonly LockHere[]): KeyStanding {
  const suite = bid.sealed?.suite ?? 'intl-1'
  const all = locks.flatMap(lock => lock.keys.filter(({ use }) => use === 'decrypt').map(key => ({ lock, key })))
  const same = all.find(({ key }) => key.digests[suite].certificate === recipient.certificateDigest)
  if (same !== undefined) return { kind: 'here', ...same }
  const renewed = all.find(({ key }) => key.digests[suite].publicKey === recipient.publicKeyDigest)
  if (renewed !== undefined) return { kind: 'renewed', ...renewed }
  const other = all.find(
    ({ lock, key }) =>
      isBidders(key, bid) &&
      (key.subject === recipient.subject || lock.label === recipient.label) &&
      !isOfBid(key, bid),
  )
  return other === undefined ? { kind: 'absent', lock: null, key: null } : { kind: 'new-key', ...other }
}

/** Whether a key is the bidder's, as far as its certificate shows. */
function isBidders({ creditCode }: KeyHere, bid: GuardedBid): boolean {
  return creditCode === null || creditCode === bid.creditCode
}

/** A key that opens the bid as another recipient: the backup lock is no renewal of the main one. */
function isOfBid({ digests }: KeyHere, { sealed }: GuardedBid): boolean {
  return (
    sealed !== null &&
    sealed.recipients.some(({ publicKeyDigest }) => publicKeyDigest === digests[sealed.suite].publicKey)
  )
}
