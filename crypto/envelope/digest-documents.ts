import type { BidDocument } from '../documents/kinds/bid.ts'
import { CryptoFailure } from '../errors.ts'
import { startMeter } from '../io/progress.ts'
import type { ByteSource } from '../io/source.ts'
import { toHex } from '../json/hex.ts'
import { maxEntrySize } from './archive.ts'
import { chunkSize } from './part-layout.ts'
import type { DraftDocument, SealOptions } from './seal-options.ts'

/** A document as it was when it was digested. */
export interface DigestedDocument {
  readonly entry: BidDocument
  readonly path: string
}

/** A document as it was found, before a byte of it is read. */
export interface MeasuredDocument {
  readonly document: DraftDocument
  /** Bytes. */
  readonly size: number
}

/**
 * Looks at the size of every document. Throws `input.unreadable`, and `seal.too-large` for one that is longer than the
 * tender allows and for all of them together.
 */
export async function measureDocuments(options: SealOptions): Promise<readonly MeasuredDocument[]> {
  const { files, documents, tender } = options
  const { fileBytes, bidBytes } = tender.fields.limits
  const measured: MeasuredDocument[] = []
  for (const document of documents) {
    const source = await files.open(document.path)
    await source.close()
    if (source.size > fileBytes) {
      throw new CryptoFailure('seal.too-large', `a document is longer than the tender's ${fileBytes} bytes`)
    }
    measured.push({ document, size: source.size })
  }
  if (documentBytes(measured) > Math.min(bidBytes, maxEntrySize)) {
    throw new CryptoFailure('seal.too-large', 'the documents are longer than the tender or the format allows')
  }
  return measured
}

/** Bytes of all documents. */
export function documentBytes(measured: readonly MeasuredDocument[]): number {
  return measured.reduce((sum, { size }) => sum + size, 0)
}

/** A document as `bid.json` lists it. */
export function documentEntry({ id, name, role, mediaType }: DraftDocument, size: number, digest: string): BidDocument {
  return { id, name, role, size, digest, mediaType }
}

/** Reads every document once for its digest. Throws `input.unreadable`, `input.changed`, `cancelled`. */
export async function digestDocuments(
  options: SealOptions,
  measured: readonly MeasuredDocument[],
): Promise<readonly DigestedDocument[]> {
  const { files, documents, suite } = options
  const meter = startMeter(options, 'digest', documentBytes(measured))
  const buffer = new Uint8Array(chunkSize)
  const digested: DigestedDocument[] = []
  for (const document of documents) {
    const { path } = document
    const source = await files.open(path)
    try {
      const digest = suite.createDigest()
      await readThrough(source, buffer, piece => {
        digest.update(piece)
        meter.advance(piece.length)
      })
      meter.advance(0)
      digested.push({ path, entry: documentEntry(document, source.size, toHex(digest.digest())) })
    } finally {
      await source.close()
    }
  }
  return digested
}

async function readThrough(source: ByteSource, buffer: Uint8Array, use: (piece: Uint8Array) => void): Promise<void> {
  for (let offset = 0; offset < source.size; offset += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, source.size - offset))
    await source.read(offset, piece)
    use(piece)
  }
}
