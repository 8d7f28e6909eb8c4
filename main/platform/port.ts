import type { ByteSource, JobControl, Release, SignedDocument } from '../../crypto/index.ts'

/** A tender as the platform's list shows it. */
export interface TenderListing {
  /** SHA-256 of `tender.json`, hex; names the package. */
  readonly packageDigest: string
  readonly tenderId: string
  /** The empty text where the tender has no lots. */
  readonly lotId: string
  readonly title: string
  readonly openingId: string
  /** Where its opening stands. */
  readonly state: OpeningState
}

/** `waiting` before the opening time, `open` while keys are taken, `closed` afterwards. */
export type OpeningState = 'waiting' | 'open' | 'closed'

/** One part the platform wants, and how far it has come. */
export interface SubmissionPart {
  readonly name: 'opening' | 'body'
  /** Length of the encrypted part in bytes. */
  readonly size: number
  /** Absolute address of the part's tus upload. */
  readonly uploadUrl: string
  /** Bytes the platform has. */
  readonly offset: number
}

/** A submission begun: either its parts are awaited, or it has been received already. */
export type Submission =
  | { readonly submissionId: string; readonly state: 'uploading'; readonly parts: readonly SubmissionPart[] }
  | {
      readonly submissionId: string
      readonly state: 'received'
      readonly parts: readonly SubmissionPart[]
      readonly receipt: SignedDocument
    }

/** What anybody may know of an opening. */
export interface OpeningStatus {
  readonly state: OpeningState
  readonly openingTime: Date
  /** When the window for keys ends; null while waiting. */
  readonly closesAt: Date | null
  /** Standing bids whose keys have been released; 0 while waiting. */
  readonly released: number
  /** Standing bids; 0 while waiting: nobody learns before the opening how many there are. */
  readonly bids: number
}

/** What a release is answered with: its receipt, or where it waits. One that waits is sent again, the same bytes. */
export type ReleaseAnswer =
  | { readonly state: 'receipt'; readonly receipt: SignedDocument }
  /** Releases before this one, and milliseconds after which to ask again. */
  | { readonly state: 'queued'; readonly ahead: number; readonly retryAfter: number }

/** Something has changed at an opening: where it stands now, whole, so that missed events cost nothing. */
export interface OpeningEvent {
  /** Names the event; given back as `after`, the stream goes on behind it. */
  readonly id: string
  readonly status: OpeningStatus
  /** Releases before the asked bid's in the queue; null when it does not wait there. */
  readonly ahead: number | null
  /** Whether the signed record is there. */
  readonly recorded: boolean
}

export interface EventsOptions {
  /** Whose place in the queue is told. */
  readonly sealDigest?: string
  /** The last event that was seen. */
  readonly after?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a submission begins with. */
export interface SubmissionRequest {
  /** The sealed bid's archive without its parts. */
  readonly headerArchive: Uint8Array
  /** A `submit` document over it. */
  readonly authorisation: SignedDocument
}

/**
 * A trading platform, as the product needs it. Every request may be sent again: the same documents answer the same thing.
 * Common failures: `platform.unreachable`, `platform.refused`, `platform.unknown`, `platform.nonce`, and `document.*` when
 * what was sent is not what it should be. Signatures in answers are checked by the caller, against the tender package.
 */
export interface Platform {
  /** The platform's clock now; the round trip is not corrected for. */
  serverTime(): Promise<Date>
  /**
   * The platform's time as a signed `notice` for a tender package, over our nonce (64 hex digits). Throws `platform.unknown`.
   */
  signedTime(packageDigest: string, nonce: string): Promise<SignedDocument>
  tenders(): Promise<readonly TenderListing[]>
  /** The `.tender` file of a package. Throws `platform.unknown`. */
  tenderPackage(packageDigest: string): Promise<Uint8Array>
  /** Signed notices to those who hold a package, oldest first: news, later deadlines, added opening certificates. */
  notices(packageDigest: string): Promise<readonly SignedDocument[]>
  /** A fresh nonce for one signed document; 64 hex digits, good for an hour. */
  nonce(): Promise<string>
  /**
   * Hands in the header archive. For a bid the platform knows it answers where that stands, so that an interrupted
   * submission goes on. Throws `platform.late`, `platform.unsealed`, `platform.seal-known`, `seal.*`, `tender.addendum-newer`.
   */
  beginSubmission(request: SubmissionRequest): Promise<Submission>
  /**
   * Brings one part (or part of a twin) to the platform, going on where the platform's offset stands. Progress counts
   * bytes the platform has confirmed. Throws `platform.unreachable` when patience ends, `platform.storage`, `platform.late`,
   * `platform.unknown`, `input.changed` from the source, `cancelled`.
   */
  sendPart(part: SubmissionPart, source: ByteSource, control: JobControl): Promise<void>
  /**
   * Asks for the receipt once every part is there. Throws `seal.root` when a part's bytes are not those of the header: the
   * platform has dropped that part and takes it again.
   */
  completeSubmission(submissionId: string): Promise<SignedDocument>
  /** Withdraws a standing bid before the deadline; answers the receipt. Throws `platform.late`. */
  withdraw(withdrawal: SignedDocument): Promise<SignedDocument>
  opening(openingId: string): Promise<OpeningStatus>
  /** Throws `platform.not-open` before the opening time. */
  signIn(openingId: string, document: SignedDocument): Promise<void>
  /** The challenge for one bid; the same one each time. Throws `platform.not-open`. */
  challenge(openingId: string, sealDigest: string): Promise<SignedDocument>
  /** The same release again answers the same. Throws `platform.not-open`, `platform.closed` (recorded, never opened). */
  release(openingId: string, release: Release): Promise<ReleaseAnswer>
  /**
   * The events of an opening as they come, the present state first; ends when the record is there. Throws
   * `platform.unreachable` when the stream breaks (go on with `after`), `platform.unknown`, `cancelled`.
   */
  events(openingId: string, options: EventsOptions): AsyncIterable<OpeningEvent>
  /**
   * Where the platform takes the plain twin of a bid whose bidder has signed in, part by part by {@link sendPart}. Throws
   * `opening.remedy` when the tender allows none, `platform.closed`, `platform.not-open`.
   */
  beginTwin(openingId: string, sealDigest: string): Promise<readonly SubmissionPart[]>
  /** Hands the twin over once every part is there. Throws `opening.other-run` for one that is not the bid's. */
  completeTwin(openingId: string, sealDigest: string): Promise<void>
  /** The signed record, null while there is none yet. */
  record(openingId: string): Promise<SignedDocument | null>
  confirm(openingId: string, confirmation: SignedDocument): Promise<void>
  object(openingId: string, objection: SignedDocument): Promise<void>
  /** The list the challenges were made over, after the close: hex, in byte order. Throws `platform.not-open` before. */
  sealedDigests(openingId: string): Promise<readonly string[]>
  /** The header archive of a bid, by the digest only its owner knows before the close. Throws `platform.unknown`. */
  header(sealDigest: string): Promise<Uint8Array>
}
