import type { PdfLaterChange } from '../../../crypto/index.ts'
import type { Failure, FailureCode } from '../../contract/failure.ts'
import type { CertificateFacts } from '../certificate-facts.ts'
import type { RevocationFacts } from '../revocation/facts.ts'

/** A certificate's way to an authority the user trusts. `at` is the time it was judged at, RFC 3339 UTC. */
export type ChainFacts =
  { readonly ok: true; readonly at: string } | { readonly ok: false; readonly code: FailureCode; readonly at?: string }

/** What a signature of a PDF, or beside it, says, and whether it holds. Times are RFC 3339 UTC. */
export interface SignatureReport {
  /** Inside the document; a time stamp over the document; beside it. */
  readonly kind: 'signature' | 'document-timestamp' | 'detached'
  /** The field's name, or the file name of a detached signature. */
  readonly name: string
  /** Valid mathematics, a trusted certificate that was not revoked, and nothing forbidden since. */
  readonly holds: boolean
  readonly verdict: 'valid' | 'changed' | 'broken' | 'not-read'
  /** Why it is broken or not read, in English. */
  readonly detail?: string
  /** Null where there is no signer to speak of. */
  readonly signer: CertificateFacts | null
  readonly algorithm?: string
  /** What the signer says of it. Nobody has checked the time. */
  readonly claims: {
    readonly name: string | null
    readonly reason: string | null
    readonly location: string | null
    readonly time: string | null
  }
  /** Null without one. */
  readonly timestamp: StampReport | null
  readonly covers: CoverageReport
  /** Null where the mathematics fail already. */
  readonly chain: ChainFacts | null
  /** Of every certificate of the path but the anchor, then of the time stamp's. */
  readonly revocation: readonly RevocationFacts[]
}

export interface StampReport {
  readonly verdict: 'valid' | 'broken' | 'not-read'
  readonly detail?: string
  readonly time?: string
  /** Name of the authority's certificate. */
  readonly authority?: string
  readonly chain?: ChainFacts
}

/** How much of the file was signed. */
export type CoverageReport =
  | { readonly kind: 'whole-file' }
  | {
      /** The file as it was then. */
      readonly kind: 'revision'
      /** Bytes added since. */
      readonly followedBy: number
      readonly changes: readonly PdfLaterChange[]
      /** Whether the signer had forbidden such changes. */
      readonly forbidden: boolean
    }
  | { readonly kind: 'broken' }

/** The outcome for one document; `failure` is null when it is signed and every signature holds. */
export interface PdfReport {
  /** Bytes. */
  readonly size: number
  readonly signatures: readonly SignatureReport[]
  /** Whether one signature that holds covers every byte of the file. */
  readonly isWhollySigned: boolean
  /** Why signatures inside the document were not looked for, in English; null when they were. */
  readonly unread: string | null
  readonly failure: Failure | null
}
