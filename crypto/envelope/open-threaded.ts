import { CryptoFailure, throwIfCancelled } from '../errors.ts'
import type { Meter } from '../io/progress.ts'
import { segmentsLength } from '../io/source.ts'
import { toHex } from '../json/hex.ts'
import type { Pipeline } from '../worker/pipeline.ts'
import { digestSize, type ExpectedSegment, type OpenTask } from '../worker/protocol.ts'
import { newRing } from '../worker/ring.ts'
import { increments } from '../worker/run-group.ts'
import { shareKey, wipeKey } from '../worker/shared-key.ts'
import { type ArchiveEntry, archiveSegments } from './archive.ts'
import { requireRoot } from './checks/roots.ts'
import type { SealPart } from './header.ts'
import { innerNames } from './inner-archive.ts'
import { deriveStreamKey, type PartDerivation, partDerivation } from './key-schedule.ts'
import { type BidSink, type DocumentFile, type Found, readHead } from './open.ts'
import { openPart } from './open-part.ts'
import { padEntry } from './pad.ts'
import { chunkCount } from './part-layout.ts'
import { createCursor } from './plain-cursor.ts'
import type { SealedBid } from './read.ts'
import { leavesIn, treeRoot } from './tree.ts'
import type { VerifiedBid, VerifyOptions } from './verify.ts'

/** Threads and a sink they can write to. */
export interface ThreadedOpening {
  readonly pipeline: Pipeline
  readonly sink: BidSink & Required<Pick<BidSink, 'file'>>
  readonly signal: AbortSignal | undefined
  /** Whether a part is long enough for them. */
  takes(part: SealPart): boolean
}

/** What it takes to open a bid with threads; null where something is missing, or it is not worth it. */
export function threadsFor(bid: SealedBid, options: VerifyOptions, sink: BidSink): ThreadedOpening | null {
  const { pipeline, signal } = options
  const file = sink.file?.bind(sink)
  if (pipeline === undefined || file === undefined || bid.source.place === undefined || bid.kind !== 'whole')
    return null
  const takes = ({ size }: SealPart): boolean => size >= pipeline.smallest
  if (!bid.header.parts.some(takes)) return null
  return { pipeline, signal, takes, sink: { document: entry => sink.document(entry), file } }
}

/**
 * One part: its leaves, tags and content in one reading. Throws the code of some check that fails, `input.*`, `output.*`,
 * `cancelled`; nothing is said of its being the first.
 */
export async function openThreaded(
  known: VerifiedBid,
  part: SealPart,
  partKey: Uint8Array,
  threads: ThreadedOpening,
  meter: Meter,
  found: Found,
): Promise<void> {
  const { bid } = known
  const derivation = partDerivation(bid.header, bid.suite, part)
  const head = await headOf(known, part, derivation, partKey, threads, found)
  const documents = part.name === 'opening' ? [] : (found.bid?.documents ?? [])
  const placed = documents.map(({ size }, place): ArchiveEntry => {
    return { name: innerNames.document(place), content: { kind: 'file', path: '', offset: 0, length: size } }
  })
  const entries = [...head, ...placed]
  const segments = archiveSegments([...entries, padEntry(entries)])
  if (segmentsLength(segments) !== part.size) throw new CryptoFailure('seal.inner', 'the part has another length')
  const files: (DocumentFile | null)[] = []
  for (const entry of documents) files.push(await threads.sink.file(entry))
  const digests = await runThreads({ known, part, derivation, partKey, threads, meter }, expect(segments, files), files)
  if (documents.some(({ digest }, place) => digest !== digests[place])) {
    throw new CryptoFailure('seal.document', 'a document has another digest')
  }
  for (const file of files) await file?.close()
}

/** The signed beginning of a part, read on this thread: only it tells what the rest must look like. */
async function headOf(
  known: VerifiedBid,
  part: SealPart,
  derivation: PartDerivation,
  partKey: Uint8Array,
  { signal }: ThreadedOpening,
  found: Found,
): Promise<readonly ArchiveEntry[]> {
  const meter = { advance: () => throwIfCancelled(signal), count: () => undefined }
  const source = known.bid.partSource(part.name)
  const chunks = openPart({ derivation, partKey, size: part.size, source, leaves: null, meter })
  try {
    return await readHead(known, part.name, createCursor(chunks), found)
  } finally {
    await chunks.return()
  }
}

function expect(
  segments: ReturnType<typeof archiveSegments>,
  files: readonly (DocumentFile | null)[],
): readonly ExpectedSegment[] {
  let place = 0
  return segments.map(segment => {
    if (segment.kind === 'bytes') return segment
    const path = files[place]?.path ?? null
    place += 1
    return { kind: 'document', length: segment.length, path }
  })
}

/** Answers the documents' digests in hex. */
async function runThreads(
  job: {
    readonly known: VerifiedBid
    readonly part: SealPart
    readonly derivation: PartDerivation
    readonly partKey: Uint8Array
    readonly threads: ThreadedOpening
    readonly meter: Meter
  },
  expected: readonly ExpectedSegment[],
  files: readonly unknown[],
): Promise<readonly string[]> {
  const { known, part, derivation, partKey, threads, meter } = job
  const { bid } = known
  const input = bid.partSource(part.name).place
  if (input === undefined) throw new CryptoFailure('internal', 'a part without a place')
  const twin = bid.header.remedy?.plainTwin?.find(({ name }) => name === part.name)
  const count = chunkCount(part.size)
  const key = shareKey(deriveStreamKey(derivation, partKey))
  const task: OpenTask = {
    ...{ kind: 'open', suite: bid.suite.id, key, size: part.size, input, expected },
    leaves: new SharedArrayBuffer(count * digestSize),
    plainLeaves: twin === undefined ? null : new SharedArrayBuffer(count * digestSize),
    digests: new SharedArrayBuffer(files.length * digestSize),
    ring: newRing(threads.pipeline.threads + spareSlots),
  }
  try {
    const onProgress = increments(bytes => meter.count(bytes))
    await threads.pipeline.run(task, { signal: threads.signal, onProgress })
  } finally {
    wipeKey(key)
    new Uint8Array(task.ring).fill(0)
  }
  requireRoot(bid, part, leavesIn(task.leaves))
  if (twin !== undefined && task.plainLeaves !== null) {
    const root = toHex(treeRoot(bid.suite, 'plain', leavesIn(task.plainLeaves)))
    if (root !== twin.root) throw new CryptoFailure('seal.inner', 'the plain twin is of another bid')
  }
  return leavesIn(task.digests).map(toHex)
}

/** Each thread has a chunk in hand; beyond these, so many may wait for their turn to be digested. */
const spareSlots = 3
