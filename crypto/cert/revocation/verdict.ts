import type { Certificate } from '../certificate.ts'

/** CRLReason by number (RFC 5280, 5.3.1); 7 is not used. */
const reasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  null,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const

/** Why an authority took a certificate back. */
export type RevocationReason = NonNullable<(typeof reasons)[number]>

/** The reason of a number, or null for a number without one. */
export function revocationReason(number: number): RevocationReason | null {
  return reasons[number] ?? null
}

/** What an authority says of a certificate it took back. */
export interface Revocation {
  readonly since: Date
  readonly reason: RevocationReason
  /** invalidityDate: since when the authority thinks the key was not safe. Told, never judged by. */
  readonly suspectSince: Date | null
}

/** What the evidence says of one certificate at the judged time; `asOf` is when the authority said so. */
export type RevocationVerdict =
  | { readonly status: 'good'; readonly asOf: Date; readonly source: 'crl' | 'ocsp' }
  | ({ readonly status: 'revoked'; readonly asOf: Date; readonly source: 'crl' | 'ocsp' } & Revocation)
  | {
      readonly status: 'unknown'
      /**
       * `none`: nothing at hand speaks of it; `unusable`: what does is too old, not signed by whom it should be, or does not
       * know it; `unsupported`: it is of a kind this program does not judge (delta, indirect).
       */
      readonly why: 'none' | 'unusable' | 'unsupported'
      readonly detail: string
    }

/** A verdict with the certificate it is about. */
export type JudgedCertificate = RevocationVerdict & { readonly certificate: Certificate }

/** How far the clocks of authorities may be ahead of the judged time. */
export const clockSkewMs = 5 * 60_000

/** A statement of an authority: when it was made and until when another was promised. */
export interface Statement {
  readonly thisUpdate: Date
  readonly nextUpdate: Date
}

/** Whether a statement speaks for a time. */
export function speaksFor({ thisUpdate, nextUpdate }: Statement, at: Date): boolean {
  return thisUpdate.getTime() <= at.getTime() + clockSkewMs && at <= nextUpdate
}

/**
 * Whether a revocation counts at a time: it came no later, and it was not lifted. Only a hold can be lifted, so any other
 * reason counts in an old statement too; a later statement that still holds one shows that it held.
 */
export function isRevokedAt(statement: Statement, { since, reason }: Revocation, at: Date): boolean {
  if (since > at) return false
  return reason !== 'certificateHold' || at <= statement.nextUpdate
}

/** An unknown verdict. */
export function unknown(why: 'none' | 'unusable' | 'unsupported', detail: string): RevocationVerdict {
  return { status: 'unknown', why, detail }
}

/** The verdict that decides: taken back before anything, then good, the newest first, then what tells most. */
export function decisive(verdicts: readonly RevocationVerdict[]): RevocationVerdict {
  return [...verdicts].sort((a, b) => rank(b) - rank(a) || time(b) - time(a))[0] ?? unknown('none', 'nothing at hand')
}

function rank(verdict: RevocationVerdict): number {
  if (verdict.status === 'revoked') return 5
  if (verdict.status === 'good') return 4
  return { unsupported: 3, unusable: 2, none: 1 }[verdict.why]
}

/** The earliest revocation, the newest good word. */
function time(verdict: RevocationVerdict): number {
  if (verdict.status === 'revoked') return -verdict.since.getTime()
  return verdict.status === 'good' ? verdict.asOf.getTime() : 0
}
