import { encodeDocument } from '../documents/encoding.ts'
import type { DocumentFields } from '../documents/kinds.ts'
import type { BidDocument } from '../documents/kinds/bid.ts'
import { signDocument, type SignedDocument } from '../documents/signed-document.ts'
import { partOfForm } from '../documents/tender.ts'
import { CryptoFailure } from '../errors.ts'
import { toHex } from '../json/hex.ts'
import { type Segment, segmentsLength } from '../io/source.ts'
import { type ArchiveEntry, archiveSegments, bytesEntry, endSize, entrySize } from './archive.ts'
import { tenderReferenceOf } from './checks/tender.ts'
import type { DigestedDocument } from './digest-documents.ts'
import type { PartName } from './header.ts'
import { innerNames } from './inner-archive.ts'
import { padEntry } from './pad.ts'
import type { SealOptions } from './seal-options.ts'

/** A part's plaintext, not yet read. */
export interface PartPlaintext {
  readonly name: PartName
  readonly size: number
  /** Bytes before the first document: what is known only when everything has been digested and signed. */
  readonly headSize: number
  readonly segments: readonly Segment[]
}

/** A document in its place, whatever its digest. */
export type PlacedDocument = Pick<DigestedDocument, 'path'> & { readonly entry: Pick<BidDocument, 'size'> }

/**
 * Makes and signs `opening.json` and `bid.json` and lays out the plaintext of the parts (seal-format, "Inside the
 * parts"). Throws `document.malformed` for forms or names no reader accepts, `seal.too-large`, and what the signer throws.
 */
export async function composeParts(
  options: SealOptions,
  sealId: string,
  documents: readonly DigestedDocument[],
): Promise<readonly PartPlaintext[]> {
  const opening = await signOpening(options, sealId, drawNonce(options))
  const fields = bidFields(
    options,
    sealId,
    drawNonce(options),
    opening,
    documents.map(each => each.entry),
  )
  return layOutParts(options, opening, await signBid(options, fields), documents)
}

/** A fresh nonce for one of the inner documents, hex. */
export function drawNonce({ randomness }: SealOptions): string {
  return toHex(randomness.bytes(32))
}

/** Makes and signs `opening.json`. */
export function signOpening(options: SealOptions, sealId: string, nonce: string): Promise<SignedDocument> {
  const { signer, suite, clock } = options
  return signDocument('opening', { nonce, ...commonFields(options, sealId, 'opening') }, signer, suite, clock)
}

/** What `bid.json` will say. */
export function bidFields(
  options: SealOptions,
  sealId: string,
  nonce: string,
  opening: SignedDocument,
  documents: readonly BidDocument[],
): DocumentFields<'bid'> {
  const openingDigest = toHex(options.suite.digest(opening.bytes))
  return { nonce, ...commonFields(options, sealId, 'body'), openingDigest, documents: [...documents] }
}

/** Makes and signs `bid.json`. */
export function signBid({ signer, suite, clock }: SealOptions, fields: DocumentFields<'bid'>): Promise<SignedDocument> {
  return signDocument('bid', fields, signer, suite, clock)
}

/**
 * As long as the signed `bid.json` will be, before its digests and its signature are there: what it says is of fixed length
 * but for them, and its signature is made like that of `opening.json`. An elliptic signature's length varies by a few bytes;
 * null when the archive's layout could depend on them.
 */
export function foreseeBid(
  fields: DocumentFields<'bid'>,
  opening: SignedDocument,
  fixed: boolean,
): SignedDocument | null {
  const { length } = opening.signature
  if (!fixed && entrySize(length - signatureSlack) !== entrySize(length + signatureSlack)) return null
  return { bytes: encodeDocument('bid', fields).fill(0), signature: new Uint8Array(length) }
}

/** The plaintext of the parts as archives of what they hold. Throws `seal.too-large`. */
export function layOutParts(
  { tender }: SealOptions,
  opening: SignedDocument,
  bid: SignedDocument,
  documents: readonly PlacedDocument[],
): readonly PartPlaintext[] {
  const openingEntries = [
    bytesEntry(innerNames.openingJson, opening.bytes),
    bytesEntry(innerNames.openingSignature, opening.signature),
  ]
  const bidEntries = [bytesEntry(innerNames.bidJson, bid.bytes), bytesEntry(innerNames.bidSignature, bid.signature)]
  const files = documents.map(placedEntry)
  if (tender.fields.parts === 'whole') return [plaintext('body', [...openingEntries, ...bidEntries], files)]
  return [plaintext('opening', openingEntries, []), plaintext('body', bidEntries, files)]
}

/** More than two integers of a signature can differ in length. */
const signatureSlack = 16

function commonFields({ forms, tender, bidder }: SealOptions, sealId: string, part: PartName) {
  return {
    sealId,
    tender: tenderReferenceOf(tender),
    creditCode: bidder.creditCode,
    forms: forms.filter(form => partOfForm(tender, form.id) === part),
  }
}

/** A document is read when its part is streamed, never before. */
function placedEntry({ entry, path }: PlacedDocument, place: number): ArchiveEntry {
  const name = innerNames.document(place)
  return { name, content: { kind: 'file', path, offset: 0, length: entry.size } }
}

function plaintext(name: PartName, head: readonly ArchiveEntry[], documents: readonly ArchiveEntry[]): PartPlaintext {
  const entries = [...head, ...documents]
  const segments = archiveSegments([...entries, padEntry(entries)])
  const size = segmentsLength(segments)
  if (!Number.isSafeInteger(size)) throw new CryptoFailure('seal.too-large', 'the bid is too large to be counted')
  return { name, size, headSize: segmentsLength(archiveSegments(head)) - endSize, segments }
}
