import { CryptoFailure } from '../errors.ts'
import { type ByteSource, rangeSource } from '../io/source.ts'
import { toHex } from '../json/hex.ts'
import type { Suite } from '../suite.ts'
import { type Container, entryNames, joinContainer, readContainer, writeHeaderArchive } from './container.ts'
import { parseHeader, type PartName, sealDigest, type SealHeader, shortCode } from './header.ts'

/** A sealed bid, or its header archive, that is well formed; nothing in it is verified yet. */
export interface SealedBid {
  /** `header` when no part is there. */
  readonly kind: 'whole' | 'header'
  readonly header: SealHeader
  /** Exactly what is signed. */
  readonly headerBytes: Uint8Array
  /** `META-INF/seal.p7s`, DER. */
  readonly signature: Uint8Array
  /** `META-INF/seal.tsr`, DER. */
  readonly timestamp: Uint8Array | null
  readonly suite: Suite
  /** Identity of the bid, hex. */
  readonly sealDigest: string
  /** Derived from `sealDigest`, for people. */
  readonly shortCode: string
  /** What the bid was read from. The bid does not close it. */
  readonly source: ByteSource
  readonly container: Container
  /** An envelope's DER; throws `seal.entries` when there is none. */
  envelope(part: PartName, recipientId: string): Uint8Array
  /** The sealed bytes of a part; throws `seal.entries` when they are not here. */
  partSource(part: PartName): ByteSource
}

/**
 * Reads a sealed bid or a header archive: checks 1 and 2. Parts are not read, everything else is taken into memory
 * (at most about 2 MiB). Throws `seal.container`, `seal.header`.
 */
export async function readSealedBid(source: ByteSource): Promise<SealedBid> {
  const container = await readContainer(source)
  const headerBytes = required(container.small.get(entryNames.header), 'the header')
  const { header, suite } = parseHeader(headerBytes)
  const digest = sealDigest(headerBytes, suite)
  return {
    kind: container.parts.size === 0 ? 'header' : 'whole',
    header,
    headerBytes,
    signature: required(container.small.get(entryNames.signature), 'the signature'),
    timestamp: container.small.get(entryNames.timestamp) ?? null,
    suite,
    sealDigest: toHex(digest),
    shortCode: shortCode(digest),
    source,
    container,
    envelope: (part, id) => required(container.small.get(entryNames.envelope(part, id)), 'an envelope'),
    partSource(part) {
      const entry = required(container.parts.get(part), `part ${part}`)
      return rangeSource(source, entry.contentOffset, entry.size)
    },
  }
}

/** The header archive of a bid: what is sent first at submission, and all the opening needs. */
export function headerArchive(bid: SealedBid): Uint8Array {
  return writeHeaderArchive(bid.container.small)
}

/**
 * The canonical archive, byte for byte, from a bid's header archive and its parts' bytes. Virtual: nothing is copied.
 * The header archive must have passed {@link readSealedBid}.
 */
export function rebuildArchive(header: Uint8Array | SealedBid, parts: ReadonlyMap<PartName, ByteSource>): ByteSource {
  return joinContainer(header instanceof Uint8Array ? header : headerArchive(header), parts)
}

/** Length in bytes of the whole canonical archive of a bid, known from its header archive already. */
export function archiveLength(bid: SealedBid): number {
  const parts = new Map(bid.header.parts.map(part => [part.name, emptySource(part.sealedSize)]))
  return rebuildArchive(bid, parts).size
}

function emptySource(size: number): ByteSource {
  const fail = () => Promise.reject(new CryptoFailure('internal', 'a length has no bytes'))
  return { size, read: fail, close: () => Promise.resolve() }
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new CryptoFailure('seal.entries', `${what} is missing`)
  return value
}
