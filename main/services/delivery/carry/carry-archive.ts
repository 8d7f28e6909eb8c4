import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { openPromise } from 'yauzl'
import type { Entry, ZipFile as ZipReader } from 'yauzl'
import { ZipFile } from 'yazl'
import type { ByteSource, FileSystem } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../contract/failure.ts'
import { carryEntries, carryLimits } from './carry-manifest.ts'
import type { CarriedFile } from './carry-manifest.ts'

/** What goes into a carry file. */
export interface CarryContents {
  readonly readMe: Uint8Array
  readonly manifest: Uint8Array
  readonly tender: Uint8Array
  readonly bid: ByteSource
}

/** Bytes that are read of a file at a time. */
const pieceBytes = 1024 * 1024
/** What the archive's own records take at most. */
const archiveBytes = 16 * 1024

/**
 * Writes a carry file: an uncompressed ZIP, so that any system shows what is in it. Under its name it is whole and on the
 * medium, or it is not there. Throws `output.*`, `input.*`, `cancelled`.
 */
export async function writeCarry(
  files: FileSystem,
  output: string,
  { readMe, manifest, tender, bid }: CarryContents,
  each: (done: number) => void,
): Promise<{ readonly size: number }> {
  const draft = await files.create(output, readMe.length + manifest.length + tender.length + bid.size + archiveBytes)
  try {
    const zip = new ZipFile()
    const options = { compress: false, mode: 0o100644 }
    zip.addBuffer(Buffer.from(readMe), carryEntries.readMe, options)
    zip.addBuffer(Buffer.from(manifest), carryEntries.manifest, options)
    zip.addBuffer(Buffer.from(tender), carryEntries.tender, options)
    const read = Readable.from(piecesOfSource(bid), { objectMode: false })
    zip.addReadStreamLazy(carryEntries.bid, { ...options, size: bid.size }, give => {
      give(null, read)
    })
    zip.end()
    // A failing source would leave the archive waiting for ever.
    read.once('error', error => {
      zip.outputStream.emit('error', error)
    })
    let size = 0
    for await (const piece of zip.outputStream as AsyncIterable<Uint8Array>) {
      await draft.write(size, piece)
      size += piece.length
      each(size)
    }
    await draft.commit()
    return { size }
  } finally {
    await draft.discard()
  }
}

/** A carry file that is open: only what belongs into one is in it. */
export interface OpenCarry {
  readonly manifest: Uint8Array
  /** The whole tender package. Throws `input.unreadable` unless it is this file. */
  tender(expected: CarriedFile): Promise<Uint8Array>
  /** The sealed bid in pieces. Throws `input.unreadable` by the end unless it is this file. */
  bid(expected: CarriedFile): AsyncIterable<Uint8Array>
}

/** Opens a carry file for `work` and closes it. Throws `input.unreadable` for what is none, or a damaged one. */
export async function withCarry<T>(path: string, work: (carry: OpenCarry) => Promise<T>): Promise<T> {
  const zip = await openPromise(path, { autoClose: false, strictFileNames: true }).catch((error: unknown) => {
    throw unreadable('this is no carry file, or it is damaged', error)
  })
  try {
    const entries = await entriesOf(zip)
    return await work({
      manifest: await whole(piecesOfEntry(zip, entries.manifest), carryLimits.manifest),
      tender: expected => whole(checked(zip, entries.tender, expected, 'the tender package'), carryLimits.tender),
      bid: expected => checked(zip, entries.bid, expected, 'the sealed bid'),
    })
  } finally {
    zip.close()
  }
}

type Names = 'manifest' | 'tender' | 'bid'

async function entriesOf(zip: ZipReader): Promise<Readonly<Record<Names, Entry>>> {
  const found = new Map<string, Entry>()
  try {
    for await (const entry of zip.eachEntry()) {
      const known = Object.values(carryEntries).some(name => name === entry.fileName)
      if (!known || found.has(entry.fileName)) throw unreadable('an entry does not belong into a carry file')
      if (entry.isEncrypted()) throw unreadable('an entry is encrypted')
      // What is stored unpacks to no more than lies there.
      if (entry.compressionMethod !== 0) throw unreadable('an entry is compressed')
      found.set(entry.fileName, entry)
    }
  } catch (error) {
    throw error instanceof AppFailure ? error : unreadable('the carry file is damaged', error)
  }
  const named = (name: Names): Entry => {
    const entry = found.get(carryEntries[name])
    if (entry === undefined) throw unreadable(`${carryEntries[name]} is missing from the carry file`)
    return entry
  }
  const entries = { manifest: named('manifest'), tender: named('tender'), bid: named('bid') }
  if (
    entries.manifest.uncompressedSize > carryLimits.manifest ||
    entries.tender.uncompressedSize > carryLimits.tender ||
    entries.bid.uncompressedSize > carryLimits.bid
  ) {
    throw unreadable('an entry is longer than it may be')
  }
  return entries
}

async function* checked(zip: ZipReader, entry: Entry, { size, sha256 }: CarriedFile, what: string) {
  if (entry.uncompressedSize !== size) throw unreadable(`${what} in the carry file has another length`)
  const digest = createHash('sha256')
  let length = 0
  for await (const piece of piecesOfEntry(zip, entry)) {
    length += piece.length
    // SECURITY: a stream that unpacks to more than it declares stops here.
    if (length > size) break
    digest.update(piece)
    yield piece
  }
  if (length !== size || digest.digest('hex') !== sha256) {
    throw unreadable(`${what} in the carry file is damaged, or from another one`)
  }
}

async function* piecesOfEntry(zip: ZipReader, entry: Entry): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) yield piece
  } catch (error) {
    throw unreadable('an entry of the carry file cannot be read', error)
  }
}

async function whole(pieces: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  let length = 0
  for await (const piece of pieces) {
    length += piece.length
    if (length > limit) throw unreadable('an entry is longer than it may be')
    all.push(piece)
  }
  return new Uint8Array(Buffer.concat(all, length))
}

/** A source from beginning to end. */
export async function* piecesOfSource(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < source.size;) {
    const piece = new Uint8Array(Math.min(pieceBytes, source.size - offset))
    await source.read(offset, piece)
    yield piece
    offset += piece.length
  }
}

function unreadable(detail: string, cause?: unknown): AppFailure {
  return new AppFailure('input.unreadable', detail, cause === undefined ? {} : { cause })
}
