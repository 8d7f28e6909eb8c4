import { CryptoFailure } from '../errors.ts'
import { type ByteSource, bytesSource, joinedSource } from '../io/source.ts'
import { maxSignatureBytes } from '../documents/signed-document.ts'
import { blockSize, endSize, entryHeader, isZero, maxEntrySize, paddingAfter, parseEntryHeader } from './archive.ts'
import { maxHeaderBytes, type PartName } from './header.ts'

/** Content of `mimetype`. */
export const mimetype = 'application/vnd.bidseal.sealed-bid'

/** Longest envelope, in bytes. */
export const maxEnvelopeBytes = 16_384

/** Most envelopes: two parts for each of sixteen recipients. */
const maxEnvelopes = 32

/** Names of the entries of a sealed bid. */
export const entryNames = {
  mimetype: 'mimetype',
  header: 'META-INF/seal.json',
  signature: 'META-INF/seal.p7s',
  timestamp: 'META-INF/seal.tsr',
  part: (part: PartName) => `parts/${part}.enc`,
  envelope: (part: PartName, recipientId: string) => `keys/${part}.${recipientId}.p7m`,
} as const

/** One entry as it was found; offsets count from the archive's first byte. */
export interface ContainerEntry {
  readonly name: string
  readonly size: number
  readonly contentOffset: number
}

/** A canonical container: where its parts are, and everything else in memory. */
export interface Container {
  readonly parts: ReadonlyMap<PartName, ContainerEntry>
  /** Contents of all entries except the parts, by name, in the archive's order. */
  readonly small: ReadonlyMap<string, Uint8Array>
}

/**
 * Check 1: reads a sealed bid's or header archive's structure. Names, order, headers, padding, lengths and the end must
 * be those of the canonical archive; which keys there must be is check 5. Throws `seal.container`.
 */
export async function readContainer(source: ByteSource): Promise<Container> {
  const parts = new Map<PartName, ContainerEntry>()
  const small = new Map<string, Uint8Array>()
  let offset = 0
  let envelopes = 0
  let previous: EntryKind | null = null
  for (;;) {
    const block = await take(source, offset, blockSize)
    if (isZero(block)) break
    const { name, size } = parseEntryHeader(block, 'seal.container')
    const kind = entryKind(name)
    if (previous !== null && !follows(previous, kind)) throw broken('entries are not in their order')
    if (size > kind.limit) throw broken('an entry is larger than its kind may be')
    if (kind.rank === keysRank) envelopes += 1
    if (envelopes > maxEnvelopes) throw broken('too many envelopes')
    const contentOffset = offset + blockSize
    offset = contentOffset + size + paddingAfter(size)
    if (offset > source.size) throw broken('cut short')
    if (kind.part !== undefined) parts.set(kind.part, { name, size, contentOffset })
    else small.set(name, await take(source, contentOffset, size))
    if (!isZero(await take(source, contentOffset + size, paddingAfter(size)))) throw broken('padding that is not zero')
    previous = kind
  }
  if (source.size !== offset + endSize) throw broken('cut short, or bytes after the end')
  if (!isZero(await take(source, offset, endSize))) throw broken('the end is not two zero blocks')
  requireFixed(small)
  return { parts, small }
}

/** The header archive: the same archive without its parts. `small` as in {@link Container}. */
export function writeHeaderArchive(small: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const pieces = [...small].flatMap(([name, bytes]) => entryPieces(name, bytes))
  return Uint8Array.from(Buffer.concat([...pieces, new Uint8Array(endSize)]))
}

/** Bytes of the `mimetype` entry; the parts stand right after it. */
export const mimetypeEntrySize = 2 * blockSize

/**
 * The canonical archive rebuilt from the header archive and the parts' bytes: virtual, nothing is copied. Closing it
 * closes the parts.
 */
export function joinContainer(headerArchive: Uint8Array, parts: ReadonlyMap<PartName, ByteSource>): ByteSource {
  const sources = [bytesSource(headerArchive.subarray(0, mimetypeEntrySize))]
  for (const part of ['opening', 'body'] as const) {
    const source = parts.get(part)
    if (source === undefined) continue
    sources.push(bytesSource(entryHeader(entryNames.part(part), source.size)), source)
    sources.push(bytesSource(new Uint8Array(paddingAfter(source.size))))
  }
  return joinedSource([...sources, bytesSource(headerArchive.subarray(mimetypeEntrySize))])
}

interface EntryKind {
  readonly rank: number
  readonly name: string
  readonly limit: number
  readonly part?: PartName
}

const envelopeName = /^keys\/(?:opening|body)\.(?:[0-9a-f]{16}|recovery)\.p7m$/
const keysRank = 3
const fixedKinds: readonly EntryKind[] = [
  { rank: 0, name: entryNames.mimetype, limit: mimetype.length },
  { rank: 1, name: entryNames.part('opening'), limit: maxEntrySize, part: 'opening' },
  { rank: 2, name: entryNames.part('body'), limit: maxEntrySize, part: 'body' },
  { rank: 4, name: entryNames.header, limit: maxHeaderBytes },
  { rank: 5, name: entryNames.signature, limit: maxSignatureBytes },
  { rank: 6, name: entryNames.timestamp, limit: maxSignatureBytes },
]

function entryKind(name: string): EntryKind {
  if (envelopeName.test(name)) return { rank: keysRank, name, limit: maxEnvelopeBytes }
  const kind = fixedKinds.find(each => each.name === name)
  if (kind === undefined) throw broken('an entry that no sealed bid has')
  return kind
}

function follows(previous: EntryKind, next: EntryKind): boolean {
  if (previous.rank === keysRank && next.rank === keysRank) return previous.name < next.name
  return previous.rank < next.rank
}

function requireFixed(small: ReadonlyMap<string, Uint8Array>): void {
  const type = small.get(entryNames.mimetype)
  if (type === undefined || Buffer.from(type).toString('latin1') !== mimetype) throw broken('not a sealed bid')
  if (!small.has(entryNames.header) || !small.has(entryNames.signature))
    throw broken('the header or its signature is missing')
}

function entryPieces(name: string, bytes: Uint8Array): readonly Uint8Array[] {
  return [entryHeader(name, bytes.length), bytes, new Uint8Array(paddingAfter(bytes.length))]
}

async function take(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  if (offset + length > source.size) throw broken('cut short')
  const bytes = new Uint8Array(length)
  await source.read(offset, bytes)
  return bytes
}

function broken(detail: string): CryptoFailure {
  return new CryptoFailure('seal.container', detail)
}
