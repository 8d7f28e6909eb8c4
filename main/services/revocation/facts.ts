import { displayName, toHex } from '../../../crypto/index.ts'
import type { JudgedCertificate } from '../../../crypto/index.ts'

/** What is known of one certificate's revocation, as people and other programs read it. Times are RFC 3339 UTC. */
export type RevocationFacts = {
  readonly subject: string
  /** Hex. */
  readonly serial: string
} & RevocationStanding

/** As of when it was good or revoked, and by what; or why that is not known. */
export type RevocationStanding =
  | { readonly status: 'good'; readonly asOf: string; readonly source: 'crl' | 'ocsp' }
  | {
      readonly status: 'revoked'
      readonly asOf: string
      readonly source: 'crl' | 'ocsp'
      readonly since: string
      readonly reason: string
    }
  | {
      readonly status: 'not-checked'
      /**
       * `none`: nothing at hand speaks of it; `unusable`: what does is of another time, not its authority's, or cannot be
       * read; `unsupported`: it is of a kind that is not judged here.
       */
      readonly why: 'none' | 'unusable' | 'unsupported'
    }

/** The facts of judged certificates, in their order. */
export function revocationFacts(judged: readonly JudgedCertificate[]): readonly RevocationFacts[] {
  return judged.map(verdict => {
    const { subject, serial } = verdict.certificate
    return { subject: displayName(subject), serial: toHex(serial), ...standingOf(verdict) }
  })
}

function standingOf(verdict: JudgedCertificate): RevocationStanding {
  if (verdict.status === 'unknown') return { status: 'not-checked', why: verdict.why }
  const { source } = verdict
  const asOf = verdict.asOf.toISOString()
  if (verdict.status === 'good') return { status: 'good', asOf, source }
  return { status: 'revoked', asOf, source, since: verdict.since.toISOString(), reason: verdict.reason }
}
