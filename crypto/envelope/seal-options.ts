import type { Tender } from '../documents/tender.ts'
import type { FileSystem } from '../io/files.ts'
import type { Clock, JobControl, Randomness } from '../io/ports.ts'
import type { Signer } from '../sign/signer.ts'
import type { Suite } from '../suite.ts'
import type { Pipeline } from '../worker/pipeline.ts'
import type { PartName, SealHeader, SealRecipient } from './header.ts'
import type { KeyOpener } from './key-opener.ts'

/** A form as the bidder filled it in; amounts are strings. */
export interface FilledForm {
  readonly id: string
  readonly fields: readonly { readonly name: string; readonly value: string }[]
}

/** A document to be sealed. Order is the order in the body. */
export interface DraftDocument {
  /** Unique in the bid. */
  readonly id: string
  /** The file's own name, unique in the bid. */
  readonly name: string
  /** Place in the tender's document tree. */
  readonly role: string
  readonly mediaType: string
  readonly path: string
}

/** A lock the bid shall be openable with. */
export interface RecipientRequest {
  readonly role: 'main' | 'backup'
  /** The user's own name for the lock. */
  readonly label?: string | undefined
  /** The encryption certificate, DER. */
  readonly certificate: Uint8Array
  /** Its key, if the lock is here: the lock is asked for OAEP and opens its envelopes in the self-test. */
  readonly opener?: KeyOpener | undefined
}

/** Everything a sealing is made of. */
export interface SealOptions extends JobControl {
  readonly suite: Suite
  /** Trust in it is the caller's business (`requireTenderTrust`). */
  readonly tender: Tender
  readonly bidder: { readonly name: string; readonly creditCode: string }
  /** All filled forms; the tender says which are opening data. */
  readonly forms: readonly FilledForm[]
  readonly documents: readonly DraftDocument[]
  readonly signer: Signer
  /** Main and backup locks. In policy `split` the agency's certificates come from the tender. */
  readonly recipients: readonly RecipientRequest[]
  /** A recovery code (`makeRecoveryCode`), where the tender allows one. `rounds` is 600,000 unless told otherwise. */
  readonly recovery?:
    { readonly label?: string | undefined; readonly code: string; readonly rounds?: number } | undefined
  /** Whether to bind a plain twin, where the tender's remedy is one. */
  readonly plainTwin?: boolean | undefined
  /** Where the plain twin is written by this same run; only with `plainTwin`. A file that is there is replaced. */
  readonly plainTwinTo?: string | undefined
  /** sealDigest (hex) of the standing bid this one takes the place of. */
  readonly replaces?: string | undefined
  /** Machine traces the tender's rule records and the bidder has seen. */
  readonly traces?: SealHeader['traces'] | undefined
  /**
   * Has an authority (RFC 3161) stamp the content octets of the header's signature; answers its response. Absent, the bid
   * bears no time stamp. What it throws ends the sealing.
   */
  readonly stamp?: ((signatureOctets: Uint8Array) => Promise<Uint8Array>) | undefined
  /** Where the sealed bid will stand; a file that is there is replaced at the very end. */
  readonly output: string
  readonly files: FileSystem
  /** Threads for the bulk work, where `files` is plain. The sealed bid is the same without. */
  readonly pipeline?: Pipeline | undefined
  readonly randomness: Randomness
  readonly clock: Clock
  /** Whether to prove that the bid opens before it gets its name. */
  readonly selfTest: boolean
}

/** A part as it was sealed; sizes in bytes. */
export interface SealedPartOutcome {
  readonly name: PartName
  readonly size: number
  readonly sealedSize: number
  /** Hex. */
  readonly root: string
}

/** A recipient the bid was sealed for. */
export interface SealedRecipientOutcome {
  readonly id: string
  readonly role: SealRecipient['role']
  readonly label?: string
  /** Whether this lock has opened its own envelopes in the self-test. */
  readonly proved: boolean
}

/** What was sealed, and who has been proved to open it. */
export interface SealOutcome {
  readonly sealId: string
  /** Hex. */
  readonly sealDigest: string
  readonly shortCode: string
  /** Length of the sealed file in bytes. */
  readonly size: number
  readonly parts: readonly SealedPartOutcome[]
  readonly recipients: readonly SealedRecipientOutcome[]
  /** Time of the time stamp, RFC 3339 UTC; absent without one. */
  readonly timestamp?: string
}
