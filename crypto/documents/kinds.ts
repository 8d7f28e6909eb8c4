import type { Infer } from '../json/shape.ts'
import { confirmShape, objectionShape, signInShape, submitShape, withdrawShape } from './kinds/authorisations.ts'
import { bidShape } from './kinds/bid.ts'
import { challengeShape } from './kinds/challenge.ts'
import { journalShape } from './kinds/journal.ts'
import { noticeShape } from './kinds/notice.ts'
import { openingShape } from './kinds/opening.ts'
import { receiptShape } from './kinds/receipt.ts'
import { recordShape } from './kinds/record.ts'
import { releaseReceiptShape } from './kinds/release-receipt.ts'
import { releaseShape } from './kinds/release.ts'
import { sealShape } from './kinds/seal.ts'
import { tenderShape } from './kinds/tender.ts'

/** Every kind of signed document and what stands in it beside `type` (seal-format, "Domain separation"). */
export const documentShapes = {
  seal: sealShape,
  bid: bidShape,
  opening: openingShape,
  release: releaseShape,
  submit: submitShape,
  withdraw: withdrawShape,
  signIn: signInShape,
  confirm: confirmShape,
  objection: objectionShape,
  journal: journalShape,
  tender: tenderShape,
  notice: noticeShape,
  receipt: receiptShape,
  challenge: challengeShape,
  releaseReceipt: releaseReceiptShape,
  record: recordShape,
} as const

/** The word after `bidseal/1` in a document's type. */
export type DocumentKind = keyof typeof documentShapes

/** The fields of a kind of document, without `type`. Digests are lower-case hex, times RFC 3339 UTC. */
export type DocumentFields<K extends DocumentKind> = Infer<(typeof documentShapes)[K]>

/** Longest text of a kind, in bytes. */
export function maxDocumentBytes(kind: DocumentKind): number {
  const mebibyte = 2 ** 20
  return kind === 'bid' || kind === 'opening' || kind === 'tender' || kind === 'record' ? 16 * mebibyte : mebibyte
}
