import type { DocumentFields } from '../documents/kinds.ts'
import { CryptoFailure } from '../errors.ts'
import type { JobControl } from '../io/ports.ts'
import { type Meter, startMeter } from '../io/progress.ts'
import type { SignedDocument } from '../documents/signed-document.ts'
import { toHex } from '../json/hex.ts'
import { type ArchiveEntry, bytesEntry } from './archive.ts'
import { checkInnerBid, checkInnerOpening, type InnerOpening } from './checks/inner.ts'
import type { PartName, SealPart } from './header.ts'
import { innerNames, readEntryHeader, readInnerDocument, readTail } from './inner-archive.ts'
import { partDerivation } from './key-schedule.ts'
import { type BidSink, readDocuments } from './open-documents.ts'
import { openPart } from './open-part.ts'
import { requireCommitment } from './part-keys.ts'
import { createCursor, type PlainCursor } from './plain-cursor.ts'
import { treeLeaf, treeRoot } from './tree.ts'
import type { VerifiedBid } from './verify.ts'

export type { BidSink, DocumentFile, DocumentWriter } from './open-documents.ts'

/** 开标一览表 as it was sealed. */
export type OpeningData = DocumentFields<'opening'>
/** What the body holds. */
export type BidManifest = DocumentFields<'bid'>

/** What the signed documents inside a bid say, all checks passed. */
export interface OpenedBid {
  readonly opening: OpeningData
  readonly bid: BidManifest
}

/**
 * Opens a bid that has passed checks 1 to 7, with the key of every part: checks 8 to 11, strictly in their order
 * (`seal.key-mismatch`, `seal.chunk`, `seal.inner`, `seal.document`). One chunk is held at a time. The documents reach
 * the sink before the last check has held; see {@link BidSink}. The keys stay the caller's.
 */
export async function openSealedBid(
  verified: VerifiedBid,
  partKeys: ReadonlyMap<PartName, Uint8Array>,
  sink: BidSink,
  control: JobControl = {},
): Promise<OpenedBid> {
  const { parts } = verified.bid.header
  const keyed = parts.map(part => ({ part, key: requiredKey(partKeys, part.name) }))
  for (const { part, key } of keyed) requireCommitment(verified, part, 'partKey', key)
  const meter = startMeter(
    control,
    'open',
    parts.reduce((sum, part) => sum + part.size, 0),
  )
  const found = nothingFound()
  for (const { part, key } of keyed) await openOne(verified, part, key, sink, meter, found)
  return openedBid(found)
}

/** What has come to light so far. Failures wait until every chunk of every part has been authenticated (check 9). */
export interface Found {
  opening: InnerOpening | null
  bid: BidManifest | null
  innerFailure: CryptoFailure | null
  documentFailure: CryptoFailure | null
}

/** Before anything is opened. */
export function nothingFound(): Found {
  return { opening: null, bid: null, innerFailure: null, documentFailure: null }
}

/** The end of an opening: what was found, if nothing is wrong with it. Throws `seal.inner`, `seal.document`. */
export function openedBid(found: Found): OpenedBid {
  if (found.innerFailure !== null) throw found.innerFailure
  if (found.documentFailure !== null) throw found.documentFailure
  if (found.opening === null || found.bid === null) throw new CryptoFailure('seal.inner', 'a part is missing')
  return { opening: found.opening.fields, bid: found.bid }
}

/** Opens one part to its end on this thread. Throws `seal.chunk`, `seal.root`; leaves what else is wrong in `found`. */
export async function openOne(
  verified: VerifiedBid,
  part: SealPart,
  partKey: Uint8Array,
  sink: BidSink,
  meter: Meter,
  found: Found,
): Promise<void> {
  const { bid } = verified
  const twin = bid.header.remedy?.plainTwin?.find(each => each.name === part.name)
  const twinLeaves: Uint8Array[] = []
  const chunks = openPart({
    derivation: partDerivation(bid.header, bid.suite, part),
    partKey,
    size: part.size,
    source: bid.partSource(part.name),
    leaves: verified.leaves.get(part.name) ?? [],
    meter,
  })
  const watched =
    twin === undefined ? chunks : watch(chunks, chunk => twinLeaves.push(treeLeaf(bid.suite, 'plain', chunk)))
  try {
    if (found.innerFailure === null) await readPart(verified, part.name, createCursor(watched), sink, found)
    else await drain(chunks)
    if (
      twin !== undefined &&
      found.innerFailure === null &&
      toHex(treeRoot(bid.suite, 'plain', twinLeaves)) !== twin.root
    ) {
      throw new CryptoFailure('seal.inner', 'the plain twin is of another bid')
    }
  } catch (error) {
    if (!(error instanceof CryptoFailure) || error.code !== 'seal.inner') throw error
    found.innerFailure ??= error
    await drain(chunks)
  } finally {
    await chunks.return()
  }
}

/**
 * The signed JSON documents at the beginning of a part, check 10 for each; answers them as entries of the archive. Throws
 * `seal.inner`.
 */
export async function readHead(
  verified: VerifiedBid,
  name: PartName,
  cursor: PlainCursor,
  found: Found,
): Promise<readonly ArchiveEntry[]> {
  const entries: ArchiveEntry[] = []
  if (name === 'opening' || verified.bid.header.parts.length === 1) {
    const document = await readInnerDocument(cursor, innerNames.openingJson, innerNames.openingSignature)
    found.opening = checkInnerOpening(verified, document)
    entries.push(...signedEntries(innerNames.openingJson, innerNames.openingSignature, document))
  }
  if (name === 'opening') return entries
  if (found.opening === null) throw new CryptoFailure('seal.inner', 'the opening data is missing')
  const document = await readInnerDocument(cursor, innerNames.bidJson, innerNames.bidSignature)
  found.bid = checkInnerBid(verified, document, found.opening)
  return [...entries, ...signedEntries(innerNames.bidJson, innerNames.bidSignature, document)]
}

/** The documents of one part, in its plaintext. Throws `seal.inner`; leaves what is wrong with a document in `found`. */
export async function readPart(
  verified: VerifiedBid,
  name: PartName,
  cursor: PlainCursor,
  sink: BidSink,
  found: Found,
): Promise<void> {
  await readHead(verified, name, cursor, found)
  if (name === 'opening') await readTail(cursor, await readEntryHeader(cursor))
  else found.documentFailure = await readDocuments(verified.bid.suite, cursor, found.bid?.documents ?? [], sink)
}

function signedEntries(json: string, signature: string, document: SignedDocument): readonly ArchiveEntry[] {
  return [bytesEntry(json, document.bytes), bytesEntry(signature, document.signature)]
}

/** Goes on to the last chunk for the sake of its tag alone. */
async function drain(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await chunks.next()).done !== true);
}

async function* watch(
  chunks: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    see(chunk)
    yield chunk
  }
}

/** A part's key. Throws `seal.key-mismatch` when there is none. */
export function requiredKey(partKeys: ReadonlyMap<PartName, Uint8Array>, part: PartName): Uint8Array {
  const key = partKeys.get(part)
  if (key === undefined) throw new CryptoFailure('seal.key-mismatch', `no key for part ${part}`)
  return key
}
