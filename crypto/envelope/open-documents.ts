import type { BidDocument } from '../documents/kinds/bid.ts'
import { CryptoFailure } from '../errors.ts'
import { toHex } from '../json/hex.ts'
import type { Suite } from '../suite.ts'
import { innerNames, readEntryHeader, readPadding, readTail } from './inner-archive.ts'
import type { PlainCursor } from './plain-cursor.ts'

/** Takes one document's bytes. */
export interface DocumentWriter {
  /** `bytes` are good only until the promise is settled. */
  write(bytes: Uint8Array): Promise<void>
  /** Called once, after the last byte or after a failure. */
  close(): Promise<void>
}

/**
 * Where the documents of an opened bid go. Bytes arrive before the last check has held: what takes them keeps them in
 * a draft place until `openSealedBid` has answered, and removes them when it throws.
 */
export interface BidSink {
  /** Asked once for each document, in the order of `bid.json`. */
  document(entry: BidDocument): Promise<DocumentWriter>
  /**
   * Where documents become files: makes an empty one, that threads write into, instead of `document`; or answers null when
   * nobody wants the bytes. A sink without it gets everything through `document`.
   */
  file?(entry: BidDocument): Promise<DocumentFile | null>
}

/** An empty file for one document. */
export interface DocumentFile {
  readonly path: string
  /** Called once when all bytes are in it; never after a failure. */
  close(): Promise<void>
}

/**
 * The rest of a body after `bid.p7s`. Answers what is wrong with the documents (check 11, `seal.document`) instead of
 * throwing it, because the archive's own form (check 10, `seal.inner`) comes first and shows only at its end.
 */
export async function readDocuments(
  suite: Suite,
  cursor: PlainCursor,
  listed: readonly BidDocument[],
  sink: BidSink,
): Promise<CryptoFailure | null> {
  let failure: CryptoFailure | null = null
  let place = 0
  for (;;) {
    const header = await readEntryHeader(cursor)
    if (header.name !== innerNames.document(place)) {
      if (place < listed.length) failure ??= wrong('a listed document is missing')
      await readTail(cursor, header)
      return failure
    }
    const entry = listed[place]
    if (entry === undefined) failure ??= wrong('a document that bid.json does not list')
    else if (entry.size !== header.size) failure ??= wrong('a document has another size')
    if (entry !== undefined && failure === null) failure = await deliver(suite, cursor, entry, sink)
    else await skip(cursor, header.size)
    place += 1
  }
}

async function skip(cursor: PlainCursor, size: number): Promise<void> {
  await cursor.each(size, () => undefined)
  await readPadding(cursor, size)
}

async function deliver(
  suite: Suite,
  cursor: PlainCursor,
  entry: BidDocument,
  sink: BidSink,
): Promise<CryptoFailure | null> {
  const digest = suite.createDigest()
  const writer = await sink.document(entry)
  try {
    await cursor.each(entry.size, async piece => {
      digest.update(piece)
      await writer.write(piece)
    })
  } finally {
    await writer.close()
  }
  await readPadding(cursor, entry.size)
  return toHex(digest.digest()) === entry.digest ? null : wrong('a document has another digest')
}

function wrong(detail: string): CryptoFailure {
  return new CryptoFailure('seal.document', detail)
}
