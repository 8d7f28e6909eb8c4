/** How much a finding matters: `urgent` while there is still time, `warning` to be dealt with before the opening, `note`. */
export type GuardLevel = 'urgent' | 'warning' | 'note'

/** What can befall a sealed bid before its opening, by name. Other programs rely on the names: one given out keeps its meaning. */
export const guardCodes = [
  'record-damaged',
  'header-missing',
  'file-missing',
  'not-submitted',
  'deadline-passed',
  'addendum-newer',
  'opening-near',
  'opening-now',
  'opening-missed',
  'no-lock-here',
  'lock-absent',
  'lock-renewed',
  'lock-new-key',
  'pin-locked',
  'pin-last-try',
  'certificate-expires-early',
  'certificate-expires-soon',
  'certificate-revoked',
  'signing-expires',
  'signer-revoked',
  'authority-changed',
  'authority-not-accepted',
] as const

export type GuardCode = (typeof guardCodes)[number]

/** Something that was found about one sealed bid. */
export interface GuardFinding {
  /** The same thing bears the same id whenever it is looked at: `code:sealId` or `code:sealId:recipient`. */
  readonly id: string
  readonly code: GuardCode
  readonly level: GuardLevel
  readonly sealId: string
  /** The short code people compare; empty where the bid's record is damaged. */
  readonly shortCode: string
  /** Id of the recipient in the header, where it is about one. */
  readonly recipient?: string
  /** The lock by the name its user gave it, a certificate's name, a package's digest; the empty text where there is nothing more to say. */
  readonly about: string
  /** The moment it turns on: an expiry, a deadline, an opening; RFC 3339 UTC. */
  readonly when?: string
}

/** Findings in the order in which they should be read: the most urgent first, then by bid, each kind in its order. */
export function inOrder(findings: readonly GuardFinding[]): readonly GuardFinding[] {
  const rank = ({ level, code, shortCode, recipient = '' }: GuardFinding): readonly (string | number)[] => [
    levels.indexOf(level),
    shortCode,
    guardCodes.indexOf(code),
    recipient,
  ]
  return [...findings].sort((a, b) => {
    const [first, second] = [rank(a), rank(b)]
    for (const [at, value] of first.entries()) {
      const other = second[at] ?? value
      if (value !== other) return value < other ? -1 : 1
    }
    return 0
  })
}

const levels: readonly GuardLevel[] = ['urgent', 'warning', 'note']
