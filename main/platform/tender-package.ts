import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl'
import type { Entry, ZipFile as ZipReader } from 'yauzl'
import { CryptoFailure, readTender } from '../../crypto/index.ts'
import type { ByteSource, SignedDocument, Tender } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { tenderEntries, tenderLimits } from './tender-entries.ts'
import type { TenderEntries } from './tender-entries.ts'

/** A tender package that has been read: its signature's mathematics hold; whom to trust is the caller's question. */
export interface TenderPackage {
  readonly tender: Tender
  /** `tender.json` and its signature, byte for byte. */
  readonly document: SignedDocument
  /** The attachments `tender.json` lists; every one is there with this size and digest. */
  readonly attachments: Tender['fields']['attachments']
  /** The bytes of an attachment, digest checked again by its end. Throws `tender.invalid` for one that isn't listed. */
  attachment(path: string): AsyncIterable<Uint8Array>
}

/**
 * Reads a `.tender` file: a ZIP of `tender.json`, `META-INF/tender.p7s` and the attachments, nothing else. Hostile
 * archives are refused before anything is unpacked, and nothing is ever written. The source stays open and the
 * caller's. Throws `tender.invalid`.
 */
export async function readTenderPackage(source: ByteSource): Promise<TenderPackage> {
  const zip = await asInvalid(() =>
    fromRandomAccessReaderPromise(new SourceReader(source), source.size, { autoClose: false, strictFileNames: true }),
  )
  const entries = await asInvalid(() => tenderEntries(zip, source.size))
  const document = await asInvalid(async () => ({
    bytes: await wholeEntry(zip, entries.document, tenderLimits.documentBytes),
    signature: await wholeEntry(zip, entries.signature, tenderLimits.signatureBytes),
  }))
  const tender = await asInvalid(() => Promise.resolve(readTender(document)))
  const listed = attachmentsOf(tender, entries)
  for (const path of listed.keys()) await readThrough(attachment(path))
  return { tender, document, attachments: tender.fields.attachments, attachment }

  async function* attachment(path: string): AsyncGenerator<Uint8Array> {
    const found = listed.get(path)
    if (found === undefined) throw invalid('the package has no such attachment')
    const digest = createHash('sha256')
    for await (const piece of piecesOf(zip, found.entry, found.size)) {
      digest.update(piece)
      yield piece
    }
    if (digest.digest('hex') !== found.digest) throw invalid('an attachment differs from the one the tender lists')
  }
}

/** For the sake of the check at the end. */
async function readThrough(pieces: AsyncGenerator<Uint8Array>): Promise<void> {
  while ((await pieces.next()).done !== true);
}

interface ListedAttachment {
  readonly entry: Entry
  readonly size: number
  readonly digest: string
}

function attachmentsOf(tender: Tender, entries: TenderEntries): ReadonlyMap<string, ListedAttachment> {
  const listed = new Map<string, ListedAttachment>()
  for (const { path, size, digest } of tender.fields.attachments) {
    const entry = entries.attachments.get(path)
    if (entry === undefined) throw invalid('an attachment the tender lists is missing')
    if (entry.uncompressedSize !== size) throw invalid('an attachment has another size than the tender lists')
    listed.set(path, { entry, size, digest })
  }
  if (listed.size !== entries.attachments.size || listed.size !== tender.fields.attachments.length) {
    throw invalid('the package holds an attachment the tender does not list')
  }
  return listed
}

async function wholeEntry(zip: ZipReader, entry: Entry, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of piecesOf(zip, entry, limit)) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

async function* piecesOf(zip: ZipReader, entry: Entry, limit: number): AsyncGenerator<Uint8Array> {
  try {
    const stream = await zip.openReadStreamPromise(entry)
    let length = 0
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      length += piece.length
      // SECURITY: the declared size is checked before; this stops a stream that unpacks to more (ZIP bomb).
      if (length > limit) throw invalid('an entry is longer than it may be')
      yield piece
    }
  } catch (error) {
    throw error instanceof AppFailure ? error : invalid('an entry cannot be unpacked', error)
  }
}

async function asInvalid<T>(run: () => Promise<T> | T): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof AppFailure) throw error
    throw invalid(error instanceof CryptoFailure ? error.detail : 'not a readable ZIP archive', error)
  }
}

function invalid(detail: string, cause?: unknown): AppFailure {
  return new AppFailure('tender.invalid', detail, { cause })
}

/** Our byte source as the ZIP reader wants it. */
class SourceReader extends RandomAccessReader {
  readonly #source: ByteSource

  constructor(source: ByteSource) {
    super()
    this.#source = source
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(rangeOf(this.#source, start, end), { objectMode: false })
  }

  override close(done: (error: Error | null) => void): void {
    done(null)
  }
}

async function* rangeOf(source: ByteSource, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let offset = start; offset < end;) {
    const piece = new Uint8Array(Math.min(65_536, end - offset))
    await source.read(offset, piece)
    yield piece
    offset += piece.length
  }
}
