import type { BidDocument } from '../documents/kinds/bid.ts'
import { CryptoFailure } from '../errors.ts'
import { startMeter } from '../io/progress.ts'
import type { ByteSource } from '../io/source.ts'
import { toHex } from '../json/hex.ts'
import { maxEntrySize } from './archive.ts'
import { chunkSize } from './part-layout.ts'
import type { SealOptions } from './seal-options.ts'

/** A document as it was when it was digested. */
export interface DigestedDocument {
  readonly entry: BidDocument
  readonly path: string
}

/**
 * Reads every document once for its size and digest. Throws `input.unreadable`, `input.changed`, `cancelled`, and
 * `seal.too-large` for one that is longer than the tender allows.
 */
export async function digestDocuments(options: SealOptions): Promise<readonly DigestedDocument[]> {
  const { files, documents, tender, suite } = options
  const sizes: number[] = []
  for (const { path } of documents) {
    const source = await files.open(path)
    await source.close()
    if (source.size > tender.fields.limits.fileBytes) {
      throw new CryptoFailure(
        'seal.too-large',
        `a document is longer than the tender's ${tender.fields.limits.fileBytes} bytes`,
      )
    }
    sizes.push(source.size)
  }
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total > Math.min(tender.fields.limits.bidBytes, maxEntrySize)) {
    throw new CryptoFailure('seal.too-large', 'the documents are longer than the tender or the format allows')
  }
  const meter = startMeter(options, 'digest', total)
  const buffer = new Uint8Array(chunkSize)
  const digested: DigestedDocument[] = []
  for (const { id, name, role, mediaType, path } of documents) {
    const source = await files.open(path)
    try {
      const digest = suite.createDigest()
      await readThrough(source, buffer, piece => {
        digest.update(piece)
        meter.advance(piece.length)
      })
      meter.advance(0)
      digested.push({ path, entry: { id, name, role, size: source.size, digest: toHex(digest.digest()), mediaType } })
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
