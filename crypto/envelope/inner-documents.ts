import { signDocument } from '../documents/signed-document.ts'
import { partOfForm } from '../documents/tender.ts'
import { CryptoFailure } from '../errors.ts'
import { toHex } from '../json/hex.ts'
import { type Segment, segmentsLength } from '../io/source.ts'
import { type ArchiveEntry, archiveSegments, bytesEntry } from './archive.ts'
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
  readonly segments: readonly Segment[]
}

/**
 * Makes and signs `opening.json` and `bid.json` and lays out the plaintext of the parts (seal-format, "Inside the
 * parts"). Throws `document.malformed` for forms or names no reader accepts, `seal.too-large`, and what the signer throws.
 */
export async function composeParts(
  options: SealOptions,
  sealId: string,
  documents: readonly DigestedDocument[],
): Promise<readonly PartPlaintext[]> {
  const { suite, signer, clock, tender, bidder, forms, randomness } = options
  const nonce = () => toHex(randomness.bytes(32))
  const formsOf = (part: PartName) => forms.filter(form => partOfForm(tender, form.id) === part)
  const common = { sealId, tender: tenderReferenceOf(tender), creditCode: bidder.creditCode }
  const opening = await signDocument(
    'opening',
    { nonce: nonce(), ...common, forms: formsOf('opening') },
    signer,
    suite,
    clock,
  )
  const entries = documents.map(each => each.entry)
  const openingDigest = toHex(suite.digest(opening.bytes))
  const bidFields = { nonce: nonce(), ...common, openingDigest, documents: entries, forms: formsOf('body') }
  const bid = await signDocument('bid', bidFields, signer, suite, clock)

  const openingEntries = [
    bytesEntry(innerNames.openingJson, opening.bytes),
    bytesEntry(innerNames.openingSignature, opening.signature),
  ]
  const bodyEntries = [
    bytesEntry(innerNames.bidJson, bid.bytes),
    bytesEntry(innerNames.bidSignature, bid.signature),
    ...documents.map(documentEntry),
  ]
  if (tender.fields.parts === 'whole') return [plaintext('body', [...openingEntries, ...bodyEntries])]
  return [plaintext('opening', openingEntries), plaintext('body', bodyEntries)]
}

/** A document is read when its part is streamed, never before. */
function documentEntry({ entry, path }: DigestedDocument, place: number): ArchiveEntry {
  const name = innerNames.document(place)
  return { name, content: { kind: 'file', path, offset: 0, length: entry.size } }
}

function plaintext(name: PartName, entries: readonly ArchiveEntry[]): PartPlaintext {
  const segments = archiveSegments([...entries, padEntry(entries)])
  const size = segmentsLength(segments)
  if (!Number.isSafeInteger(size)) throw new CryptoFailure('seal.too-large', 'the bid is too large to be counted')
  return { name, size, segments }
}
