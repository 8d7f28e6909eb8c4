import type { Certificate, PlaceBox, SigningRefusal } from '../../../crypto/index.ts'
import type { Failure } from '../../contract/failure.ts'
import type { CertificateFacts } from '../certificate-facts.ts'
import type { TimeStampServer } from './time-stamps.ts'

/** Where a seal goes, in points. */
export type SealPlace =
  /** Pages count from 1, or from the end with -1. */
  | { readonly kind: 'page'; readonly page: number; readonly box: PlaceBox }
  | { readonly kind: 'every-page'; readonly box: PlaceBox }
  /** 骑缝章. */
  | { readonly kind: 'across-pages'; readonly width: number; readonly height: number }

/** What is seen of a signature: an image, lines of text, or both. */
export interface SealLook {
  readonly place: SealPlace
  /** PNG or JPEG. */
  readonly image?: Uint8Array | undefined
  readonly text?: SealText | undefined
}

/** The visible lines of each document. */
export interface SealText {
  /** A TrueType font with every character of the lines. */
  readonly font: Uint8Array
  lines(signerName: string, time: Date): readonly string[]
}

/** Where signed documents go. */
export type SignOutput =
  /** `name-signed.pdf` beside each document. */
  | { readonly kind: 'beside' }
  /** Into this folder under the documents' own names. */
  | { readonly kind: 'folder'; readonly path: string }
  /** Over the documents themselves. */
  | { readonly kind: 'in-place' }

/**
 * What happens after a document that was not signed. `surroundings`: the others are gone on with, unless the fault is none of
 * the document's: the lock, the network, the disk.
 */
export type OnError = 'stop' | 'continue' | 'surroundings'

/** A batch: many documents, one lock, one PIN. */
export interface SignRequest {
  readonly files: readonly string[]
  /** URI of the lock that signs. */
  readonly token: string
  /** Null for signatures that are not seen. */
  readonly look: SealLook | null
  readonly reason?: string | undefined
  readonly location?: string | undefined
  readonly timeStamps?: TimeStampServer | undefined
  readonly output: SignOutput
  /** Authorities whose revocation lists at hand count for the lock's own certificate; none when absent. */
  readonly anchors?: readonly Certificate[] | undefined
  readonly onError: OnError
}

/** What came of one document. */
export type SignedFile = { readonly file: string } & (
  | {
      readonly outcome: 'signed'
      readonly output: string
      /** The detached signature beside the document (GB/T 35275); absent where the signature is in the document. */
      readonly signature?: string
      /** PAdES baseline; absent for a detached signature. */
      readonly level?: 'B-B' | 'B-T'
      /** Bytes of the output. */
      readonly size: number
      /** RFC 3339 UTC: when it was signed by this computer's clock; a detached signature does not say it. */
      readonly time: string
      /** RFC 3339 UTC: what the time-stamp server said. */
      readonly timestamp?: string
      /** Pages that show something of it. */
      readonly markedPages: number
    }
  /** An earlier run has signed it with this certificate; its output was left as it is. */
  | { readonly outcome: 'standing'; readonly output: string; readonly signature?: string }
  /** Not to be signed, known without the lock. */
  | { readonly outcome: 'refused'; readonly why: RefusalReason; readonly failure: Failure }
  /** Tried, and not signed. */
  | { readonly outcome: 'failed'; readonly failure: Failure }
  /** The run ended before it. */
  | { readonly outcome: 'not-tried' }
)

/** Why a document is not signed. `page` is a place that it does not have, `taken` something else under the output's name. */
export type RefusalReason = SigningRefusal | 'unreadable' | 'page' | 'taken' | 'unwritable'

/** What came of a batch. */
export interface SignReport {
  /** Whose signature it is. */
  readonly signer: CertificateFacts
  readonly kind: 'pdf' | 'detached'
  /** One for each document, in the order they were named. */
  readonly files: readonly SignedFile[]
  /** Whether the caller has stopped it. */
  readonly cancelled: boolean
}
