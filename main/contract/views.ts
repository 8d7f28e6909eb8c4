import type { Failure } from './failure.ts'
import type { Language } from './guards.ts'
import type { BidId, JobId, LockId, QuestionId, SealId, TenderId, TenderName } from './ids.ts'

/** Times are RFC 3339 UTC with `Z`, sizes bytes, digests lower-case hex. */

/** What the application is and how it runs here. */
export interface AppView {
  readonly version: string
  readonly language: Language
  readonly electron: string
  /** True on the runtime that is for tests and a first look only, never for real bids. */
  readonly practiceRuntime: boolean
  /** The start-up self-test: whether the machine's AES is switched on in this process. */
  readonly hardwareCrypto: boolean
}

/** A certificate as the page may show it. */
export interface CertificateView {
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  readonly creditCode: string | null
  readonly notBefore: string
  readonly notAfter: string
  /** The kind of its key: `RSA 2048`, `P-256`, `SM2`. */
  readonly algorithm: string
  readonly uses: readonly ('sign' | 'decrypt')[]
}

/** A lock that is plugged in (or a soft lock that was added). */
export interface LockView {
  readonly lock: LockId
  readonly kind: 'pkcs11' | 'skf' | 'soft'
  /** True for the lock of a rehearsal: it serves that rehearsal alone, and no other lock does. */
  readonly practice: boolean
  readonly label: string
  readonly manufacturer: string
  readonly serial: string
  readonly pin: {
    readonly state: 'ok' | 'few-tries' | 'last-try' | 'locked' | 'not-set' | 'unknown'
    readonly triesLeft: number | null
    readonly protectedPath: boolean
  }
  readonly certificates: readonly CertificateView[]
}

/** A vendor library and what it sees, or why it can't be used. */
export interface LockModuleView {
  /** File name only, never the path. */
  readonly name: string
  readonly kind: 'pkcs11' | 'skf' | 'soft'
  readonly locks: readonly LockView[]
  readonly failure: Failure | null
}

/** A document the tender asks for. */
export interface TenderDocumentView {
  readonly id: TenderName
  readonly title: string
  readonly required: boolean
}

/** A form the tender asks to be filled in, with the part of the sealed bid it goes into. */
export interface TenderFormView {
  readonly id: TenderName
  readonly title: string
  readonly part: 'opening' | 'body'
  readonly fields: readonly { readonly name: TenderName; readonly title: string }[]
}

/** A tender package that was imported and whose signature held. */
export interface TenderView {
  readonly tender: TenderId
  readonly title: string
  readonly projectCode: string
  readonly lotId: string | null
  readonly platformId: string
  /** Where the platform is reached, once known. */
  readonly platformAddress: string | null
  readonly signer: string
  readonly deadline: string
  readonly openingTime: string
  readonly keyPolicy: 'bidder' | 'split'
  readonly documents: readonly TenderDocumentView[]
  readonly forms: readonly TenderFormView[]
  /** True for the tender of a rehearsal. */
  readonly practice: boolean
}

/** Something the check before sealing found. */
export interface FindingView {
  readonly level: 'fatal' | 'advice'
  readonly code: string
  /** The document or form it is about, by the tender's name. */
  readonly place: string | null
}

/** A bid being made. */
export interface BidView {
  readonly bid: BidId
  readonly tender: TenderId
  readonly revision: number
  readonly bidderName: string
  readonly documents: readonly {
    readonly id: TenderName
    readonly documentId: TenderName
    readonly name: string
    readonly size: number
  }[]
  readonly forms: readonly {
    readonly id: TenderName
    readonly fields: readonly { readonly name: TenderName; readonly value: string }[]
  }[]
  readonly findings: readonly FindingView[]
  /** The last sealed bid made of it. */
  readonly sealed: SealId | null
  /** Whether that one holds what the bid holds now; false while there is none. */
  readonly sealedIsCurrent: boolean
  /**
   * A bid for this lot was on its way when its file was lost: it may have been received, and can't be submitted once more
   * to find out. Only then a bid may be sealed beside it.
   */
  readonly lostOnItsWay: boolean
}

/** A verified receipt of the platform. */
export interface ReceiptView {
  readonly kind: 'received' | 'replaced' | 'withdrawn'
  readonly receivedAt: string
  readonly sealDigest: string
  readonly size: number
}

/** A verified opening record, as far as this bid is concerned. */
export interface RecordView {
  readonly serverTime: string
  readonly state: 'opened' | 'not-released' | 'failed' | 'withdrawn'
  readonly bids: number
  readonly listHolds: boolean
  readonly confirmed: boolean
}

/** What was known of a certificate's revocation when it was judged: as of when it was good, and by what. */
export type RevocationView =
  | { readonly status: 'good'; readonly asOf: string; readonly source: 'crl' | 'ocsp' }
  | { readonly status: 'not-checked' }

/** A bid that has been sealed and proved to open. */
export interface SealedBidView {
  readonly seal: SealId
  readonly tender: TenderId
  readonly title: string
  readonly shortCode: string
  readonly sealDigest: string
  readonly size: number
  readonly sealedAt: string
  readonly state:
    'sealed' | 'submitting' | 'submitted' | 'replaced' | 'withdrawn' | 'released' | 'opened' | 'not-opened'
  readonly recipients: readonly {
    readonly role: 'main' | 'backup' | 'agency' | 'recovery'
    readonly label: string
    readonly proved: boolean
    /** Since when its encryption certificate was revoked, as far as that was known at sealing. */
    readonly revokedSince: string | null
  }[]
  /** The signer's certificate at sealing; null for a bid that was sealed elsewhere. */
  readonly signerRevocation: RevocationView | null
  readonly receipt: ReceiptView | null
  readonly releasedAt: string | null
  /** A release of the keys was written down: it may have reached the platform even while there is no receipt for it. */
  readonly keyMayBeOut: boolean
  readonly record: RecordView | null
}

/** The state of the opening of a delivered bid, by the server's clock. */
export interface OpeningView {
  readonly state: 'waiting' | 'open' | 'closed'
  readonly serverTime: string
  readonly openingTime: string
  readonly closesAt: string | null
  readonly bids: number
  readonly released: number
}

/** What a job does. */
export type JobKind = 'seal' | 'submit' | 'withdraw' | 'release' | 'rehearsal'

/** A long job. `done` and `total` are bytes of the stage. It stays readable after it has ended. */
export interface JobView {
  readonly job: JobId
  readonly kind: JobKind
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  readonly stage: string | null
  readonly done: number
  readonly total: number
  readonly failure: Failure | null
  /** The sealed bid it made or worked on. */
  readonly seal: SealId | null
}

/** A question only the user can answer while a job runs. */
export interface QuestionView {
  readonly question: QuestionId
  readonly job: JobId
  readonly kind: 'clock-disagrees' | 'short-code'
  readonly facts: Readonly<Record<string, string>>
}

/** The rehearsal (模拟演练): a practice platform of this machine. */
export interface RehearsalView {
  readonly running: boolean
  readonly tender: TenderId | null
  /** PIN of the practice lock, which protects nothing real. */
  readonly practicePin: string | null
}
