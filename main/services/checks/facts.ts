import type { Certificate, PdfFacts, Tender } from '../../../crypto/index.ts'
import type { BidDraft } from '../bids/draft.ts'
import type { InsideFile } from '../bids/inside.ts'

/** A document of the tender's list. */
export type AskedDocument = Tender['fields']['documents'][number]

/** A draft's document together with its file. */
export interface PresentDocument {
  readonly id: string
  readonly documentId: string
  readonly path: string
  readonly file: InsideFile
  /** Detached signatures that stand beside it (`….p7s`), sealed with it. */
  readonly signatures: readonly SignatureFile[]
}

/** A detached signature beside a document. */
export interface SignatureFile {
  readonly path: string
  readonly file: InsideFile
}

/** A document and what it is. */
export interface DocumentFacts {
  readonly document: PresentDocument
  /** The file's own name. */
  readonly name: string
  /** Its place in the tender's list; null where the tender has none. */
  readonly asked: AskedDocument | null
  /** The last day it is valid, where that is known: `2026-03-01`. */
  readonly validUntil: string | null
  /** It begins like a sealed bid. */
  readonly isSealed: boolean
  /** Null for a file that is no PDF by its name. */
  readonly pdf: PdfContent | null
  /** Those in the PDF, then the detached ones. */
  readonly signatures: readonly SignatureFacts[]
}

/** What a PDF is. */
export type PdfContent =
  | { readonly kind: 'unreadable'; readonly detail: string }
  | {
      readonly kind: 'read'
      readonly facts: PdfFacts
      /** What the file says of who made it, Info and XMP together: a name of a property, and its text. */
      readonly makers: readonly { readonly key: string; readonly text: string }[]
    }

/** One signature on a document, judged by the authorities the tender accepts. */
export interface SignatureFacts {
  /** The field's name, or the name of the signature's file. */
  readonly name: string
  /**
   * `valid`: the document is as it was signed, but for later signatures and marks. `altered`: its content was changed since.
   * `broken`: the signature does not hold. `not-read`: a form this program does not judge.
   */
  readonly verdict: 'valid' | 'altered' | 'broken' | 'not-read'
  /** Null where no signer is to be had. */
  readonly signer: { readonly name: string; readonly creditCode: string | null; readonly digest: string } | null
  /** The signer's certificate leads to an authority the tender accepts. */
  readonly trusted: boolean
}

/** A lock that shall sign or open the bid. */
export interface LockFacts {
  readonly use: 'sign' | 'decrypt'
  readonly label: string
  /** Null for one this program can't read. */
  readonly certificate: Certificate | null
  readonly creditCode: string | null
  /** Whether a suite of the tender can use its key. */
  readonly fits: boolean
  /** Whether it leads to an authority the tender accepts; null where that is not asked of it. */
  readonly accepted: boolean | null
}

/** Another tender package this home knows. */
export interface KnownTender {
  readonly packageDigest: string
  readonly tenderId: string
  readonly lotId: string
  readonly projectCode: string
  readonly title: string
}

/** The newest addendum this home has imported that amends the bid's tender. */
export interface AddendumFacts {
  readonly title: string
  readonly publishedAt: string
  /** How many of the things the tender lists are other ones now. */
  readonly changes: number
}

/** A bid of another company this home has sealed. */
export interface OtherBid {
  readonly shortCode: string
  readonly creditCode: string
  readonly tenderId: string
}

/** A lock of this computer, whoever it belongs to. */
export interface SeenLock {
  readonly label: string
  readonly name: string
  readonly creditCode: string | null
}

/** What a machine trace would say; null where this computer does not tell it. */
export interface TraceFacts {
  readonly name: string
  readonly value: string | null
}

/** The sum of a priced bill of quantities. */
export interface BoqTotal {
  /** The document or file it was read from. */
  readonly documentId: string
  readonly file: string
  /** Canonical amount in yuan: `32156789.12`. */
  readonly total: string
  /** How many things are wrong in it by itself: products, sums, figures that are missing. */
  readonly faults: number
}

/** All that the rules look at. What is null or empty was not to be had, and no rule finds anything in it. */
export interface BidFacts {
  readonly tender: Tender
  readonly draft: BidDraft
  readonly now: Date
  readonly documents: readonly DocumentFacts[]
  /** Listed files that are not in the folder. */
  readonly gone: readonly { readonly documentId: string; readonly name: string }[]
  /** Files in the folder that are not listed. */
  readonly unlisted: readonly string[]
  readonly locks: readonly LockFacts[]
  readonly knownTenders: readonly KnownTender[]
  readonly addendum: AddendumFacts | null
  readonly otherBids: readonly OtherBid[]
  readonly seenLocks: readonly SeenLock[]
  readonly traces: readonly TraceFacts[]
  readonly boq: BoqTotal | null
}

/** Whose bid it is, as far as that is known: the signing lock says it, else the draft. */
export function bidderOf({ locks, draft }: Pick<BidFacts, 'locks' | 'draft'>): {
  readonly name: string
  readonly creditCode: string | null
} {
  const signing = locks.find(({ use }) => use === 'sign')
  const creditCode = signing?.creditCode ?? (draft.bidder.creditCode === '' ? null : draft.bidder.creditCode)
  return { name: draft.bidder.name, creditCode }
}
