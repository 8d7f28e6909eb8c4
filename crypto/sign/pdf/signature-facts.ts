import type { Certificate } from '../../cert/certificate.ts'
import type { HashName, SignatureScheme } from '../../cert/signature-algorithm.ts'
import type { Permission } from './certification.ts'
import type { LaterChanges } from './later-changes.ts'
import type { Trust } from './trust.ts'

/** What the signature dictionary claims. Nothing of it is proved but that the signer signed it. */
export interface SignatureClaims {
  readonly name: string | null
  readonly reason: string | null
  readonly location: string | null
  readonly time: Date | null
}

/** How much of the file a signature covers. */
export type Coverage =
  /** The whole file, its own value apart. */
  | { readonly kind: 'whole-file' }
  /** The document as it was then; `followedBy` bytes were appended since. */
  | {
      readonly kind: 'revision'
      readonly followedBy: number
      readonly changes: LaterChanges
      /** Whether this signature is a certification that does not allow what was changed. */
      readonly breaksPermission: boolean
    }
  | { readonly kind: 'broken'; readonly detail: string }

/** The time stamp of a signature. */
export type StampVerdict =
  | { readonly kind: 'valid'; readonly time: Date; readonly signer: Certificate; readonly trust: Trust }
  | { readonly kind: 'broken' | 'not-read'; readonly detail: string }

/** What the mathematics say. */
export type SignatureVerdict =
  /** The covered bytes are those the key of `signer` signed. */
  | {
      readonly kind: 'valid'
      readonly signer: Certificate
      /** The other certificates the signature lists. */
      readonly others: readonly Certificate[]
      readonly digest: HashName
      readonly algorithm: SignatureScheme['kind']
      readonly trust: Trust
      /** Null when it has none. */
      readonly timestamp: StampVerdict | null
    }
  /** The signature holds, but the bytes are other ones than those signed. */
  | { readonly kind: 'changed'; readonly signer: Certificate }
  | { readonly kind: 'broken'; readonly detail: string }
  /** A form this program names and does not judge. */
  | { readonly kind: 'not-read'; readonly detail: string }

/** One signature of a document. */
export interface PdfSignature {
  /** Name of its field. */
  readonly field: string
  readonly purpose: 'signature' | 'document-timestamp'
  readonly subFilter: string
  readonly claims: SignatureClaims
  /** What it allows of later changes, when it is a certification. */
  readonly permission: Permission | null
  readonly coverage: Coverage
  readonly verdict: SignatureVerdict
}
