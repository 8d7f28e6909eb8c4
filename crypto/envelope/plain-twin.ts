import { CryptoFailure } from '../errors.ts'
import type { DraftFile } from '../io/files.ts'
import type { JobControl } from '../io/ports.ts'
import { type Meter, startMeter } from '../io/progress.ts'
import { type ByteSource, rangeSource } from '../io/source.ts'
import { toHex } from '../json/hex.ts'
import { maxSignatureBytes } from '../documents/signed-document.ts'
import { blockSize, endSize, entryHeader, entrySize, isZero, paddingAfter, parseEntryHeader } from './archive.ts'
import { entryNames } from './container.ts'
import { maxHeaderBytes, type PartName } from './header.ts'
import { partDerivation } from './key-schedule.ts'
import { openPart } from './open-part.ts'
import { chunkAt, chunkCount, chunkSize } from './part-layout.ts'
import type { SealedBid } from './read.ts'
import { treeLeaf, treeRoot } from './tree.ts'

/** Content of a plain twin's `mimetype` (FORMAT.md, "Plain twin"). */
export const plainTwinMediaType = 'application/vnd.bidseal.plain-twin'

const plainName = (part: PartName): string => `parts/${part}.tar`

/** Bytes of the plain twin of a bid with these parts. */
export function plainTwinLength(
  parts: readonly { readonly name: PartName; readonly size: number }[],
  headerLength: number,
  signatureLength: number,
): number {
  const small = [plainTwinMediaType.length, headerLength, signatureLength]
  return [...small, ...parts.map(({ size }) => size)].reduce((sum, size) => sum + entrySize(size), endSize)
}

/**
 * Writes the plain twin of a bid into a draft: the parts are decrypted from the sealed bytes, so that what is written is
 * what a reader would open. Throws `seal.self-test` unless its roots are those the header binds, and what files throw.
 * The keys stay the caller's.
 */
export async function writePlainTwin(
  bid: SealedBid,
  partKeys: ReadonlyMap<PartName, Uint8Array>,
  draft: DraftFile,
  control: JobControl,
): Promise<void> {
  const { header, suite } = bid
  let offset = 0
  const put = async (bytes: Uint8Array): Promise<void> => {
    await draft.write(offset, bytes)
    offset += bytes.length
  }
  const entry = async (name: string, bytes: Uint8Array): Promise<void> => {
    await put(entryHeader(name, bytes.length))
    await put(bytes)
    await put(new Uint8Array(paddingAfter(bytes.length)))
  }
  const total = header.parts.reduce((sum, { size }) => sum + size, 0)
  const meter = startMeter(control, 'open', total)
  await entry(entryNames.mimetype, Uint8Array.from(Buffer.from(plainTwinMediaType)))
  for (const part of header.parts) {
    const partKey = partKeys.get(part.name)
    if (partKey === undefined) throw new CryptoFailure('internal', 'a part has no key')
    const derivation = partDerivation(header, suite, part)
    const source = bid.partSource(part.name)
    const leaves: Uint8Array[] = []
    await put(entryHeader(plainName(part.name), part.size))
    for await (const chunk of openPart({ derivation, partKey, size: part.size, source, leaves: null, meter })) {
      leaves.push(treeLeaf(suite, 'plain', chunk))
      await put(chunk)
    }
    await put(new Uint8Array(paddingAfter(part.size)))
    if (toHex(treeRoot(suite, 'plain', leaves)) !== boundRoot(bid, part.name)) {
      throw new CryptoFailure('seal.self-test', 'the plain twin is not what was sealed')
    }
  }
  await entry(entryNames.header, bid.headerBytes)
  await entry(entryNames.signature, bid.signature)
  await put(new Uint8Array(endSize))
  await draft.flush()
}

/**
 * Requires that a file is the plain twin of a sealed bid: it names this very bid, and its parts have the roots the bid's
 * signed header binds. The bid's own checks are the caller's. Throws `input.unreadable` for what is no plain twin,
 * `seal.inner` for the twin of another bid or one that was changed, and for a bid that binds none; `cancelled`.
 */
export async function verifyPlainTwin(bid: SealedBid, source: ByteSource, control: JobControl = {}): Promise<void> {
  await openPlainTwin(bid, source, control)
}

/** {@link verifyPlainTwin}, and then the twin's parts as ranges of the source, which stays the caller's to close. */
export async function openPlainTwin(
  bid: SealedBid,
  source: ByteSource,
  control: JobControl = {},
): Promise<ReadonlyMap<PartName, ByteSource>> {
  const { header } = bid
  if (header.remedy?.plainTwin === undefined) throw notTheTwin('the bid binds no plain twin')
  const entries = await readTwin(source)
  const headerBytes = await bytesOf(entries.get(entryNames.header))
  if (Buffer.compare(headerBytes, bid.headerBytes) !== 0) throw notTheTwin('the plain twin is of another bid')
  if (Buffer.compare(await bytesOf(entries.get(entryNames.signature)), bid.signature) !== 0) {
    throw notTheTwin('the plain twin bears another signature')
  }
  const total = header.parts.reduce((sum, { size }) => sum + size, 0)
  const meter = startMeter(control, 'verify', total)
  const parts = new Map<PartName, ByteSource>()
  for (const { name } of header.parts) {
    const part = entries.get(plainName(name))
    if (part === undefined) throw notTheTwin('a part of the plain twin is missing')
    await requireTwinPart(bid, name, part, meter)
    parts.set(name, part)
  }
  if (entries.size !== header.parts.length + fixedEntries) throw notTheTwin('the plain twin has a part too many')
  return parts
}

/**
 * Requires that bytes are the plaintext of one part, as the bid's signed header binds it. Throws `seal.inner` for those of
 * another bid or run of sealing, changed ones, and for a bid that binds none.
 */
export async function requireTwinPart(bid: SealedBid, name: PartName, source: ByteSource, meter: Meter): Promise<void> {
  const part = bid.header.parts.find(each => each.name === name)
  if (source.size !== part?.size) throw notTheTwin('a part of the plain twin has another length')
  const root = await plainRoot(bid.suite, source, meter)
  if (root !== boundRoot(bid, name)) throw notTheTwin('the plain twin is of another bid, or was changed')
}

/** `mimetype`, header, signature. */
const fixedEntries = 3

async function plainRoot(suite: SealedBid['suite'], part: ByteSource, meter: Meter): Promise<string> {
  const buffer = new Uint8Array(Math.min(chunkSize, part.size))
  const leaves: Uint8Array[] = []
  for (let index = 0; index < chunkCount(part.size); index += 1) {
    meter.advance(0)
    const { length } = chunkAt(index, part.size)
    const chunk = buffer.subarray(0, length)
    await part.read(index * chunkSize, chunk)
    leaves.push(treeLeaf(suite, 'plain', chunk))
    meter.advance(length)
  }
  return toHex(treeRoot(suite, 'plain', leaves))
}

/** The entries of a canonical twin in their one order, as ranges of the source. Throws `input.unreadable`. */
async function readTwin(source: ByteSource): Promise<ReadonlyMap<string, ByteSource>> {
  const entries = new Map<string, ByteSource>()
  const order = [entryNames.mimetype, plainName('opening'), plainName('body'), entryNames.header, entryNames.signature]
  let offset = 0
  let place = -1
  for (;;) {
    const block = await take(source, offset, blockSize)
    if (isZero(block)) break
    const { name, size } = parseEntryHeader(block, 'input.unreadable')
    const next = order.indexOf(name)
    if (next <= place) throw noTwin()
    place = next
    if (size > (limits.get(name) ?? Number.MAX_SAFE_INTEGER)) throw noTwin()
    entries.set(name, rangeSource(source, offset + blockSize, size))
    offset += entrySize(size)
    if (offset > source.size) throw noTwin()
    if (!isZero(await take(source, offset - paddingAfter(size), paddingAfter(size)))) throw noTwin()
  }
  if (source.size !== offset + endSize || !isZero(await take(source, offset, endSize))) throw noTwin()
  const type = Buffer.from(await bytesOf(entries.get(entryNames.mimetype))).toString('latin1')
  if (type !== plainTwinMediaType) throw noTwin()
  return entries
}

const limits: ReadonlyMap<string, number> = new Map([
  [entryNames.mimetype, plainTwinMediaType.length],
  [entryNames.header, maxHeaderBytes],
  [entryNames.signature, maxSignatureBytes],
])

function boundRoot({ header }: SealedBid, part: PartName): string | undefined {
  return header.remedy?.plainTwin?.find(({ name }) => name === part)?.root
}

async function bytesOf(entry: ByteSource | undefined): Promise<Uint8Array> {
  if (entry === undefined) throw noTwin()
  return take(entry, 0, entry.size)
}

async function take(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  if (offset + length > source.size) throw noTwin()
  const bytes = new Uint8Array(length)
  if (length > 0) await source.read(offset, bytes)
  return bytes
}

function noTwin(): CryptoFailure {
  return new CryptoFailure('input.unreadable', 'this is no plain twin of a sealed bid')
}

function notTheTwin(detail: string): CryptoFailure {
  return new CryptoFailure('seal.inner', detail)
}
