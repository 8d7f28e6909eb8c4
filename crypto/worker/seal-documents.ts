import { chunkAt, chunkSize } from '../envelope/part-layout.ts'
import type { BulkSuite } from '../suite.ts'
import type { Board } from './board.ts'
import { type ChunkClaims, openChunkClaims } from './chunk-claims.ts'
import { type ChunkSealer, openChunkSealer } from './chunk-sealer.ts'
import { digestGroup, type Lane, pieceSize } from './digest-group.ts'
import { digestSize, type PlacedFile, type SealDocumentsTask } from './protocol.ts'
import { openSegments } from './segment-files.ts'

/** Time to digest a byte as a share of the time to seal one; roughly so in both suites. */
const digestCost = 0.5

/**
 * One thread's share of a {@link SealDocumentsTask}. Who digests a document seals its chunks with the same reading, as long as
 * that does not make the others wait for the digest in the end; what is left is sealed from the part's end backwards.
 */
export function sealDocuments(task: SealDocumentsTask, suite: BulkSuite, board: Board): void {
  const claims = openChunkClaims(task.claims)
  const lanes = Math.max(1, ...task.groups.map(({ length }) => length))
  const benches = Array.from({ length: lanes }, () => ({
    sealer: openChunkSealer(task, suite),
    scratch: new Uint8Array(pieceSize),
  }))
  try {
    digestAndSeal(task, suite, board, claims, benches)
    const [bench] = benches
    if (bench !== undefined) sealRest(task, board, claims, bench.sealer)
  } finally {
    for (const { sealer, scratch } of benches) {
      sealer.wipe()
      scratch.fill(0)
    }
  }
}

/** What a thread has for one document at a time. */
interface Bench {
  readonly sealer: ChunkSealer
  /** For what is digested only. */
  readonly scratch: Uint8Array
}

function digestAndSeal(
  { documents, groups, digests, first }: SealDocumentsTask,
  suite: BulkSuite,
  board: Board,
  claims: ChunkClaims,
  benches: readonly Bench[],
): void {
  const found = new Uint8Array(digests)
  const total = documents.reduce((sum, { size }) => sum + size, 0)
  for (let unit = board.claim(groups.length); unit !== null; unit = board.claim(groups.length)) {
    const group = groups[unit] ?? []
    const members = group.flatMap(place => documents[place] ?? [])
    const hasTime = (offset: number): boolean => {
      const own = members.reduce((sum, { size }) => sum + Math.max(0, size - offset), 0)
      const all = claims.left * chunkSize + (total - board.done) * digestCost
      return own * digestCost < all / board.threads
    }
    const take = (index: number, offset: number): boolean => index >= first && hasTime(offset) && claims.take(index)
    const lanes = members.flatMap((document, index) => {
      const bench = benches[index]
      return bench === undefined ? [] : [laneOf(document, bench, take, board)]
    })
    const results = digestGroup(lanes, suite, board)
    for (const [index, place] of group.entries()) found.set(results[index] ?? [], place * digestSize)
  }
}

/** Reads a document for its digest; a chunk that lies wholly within it may be taken, and is sealed when it is complete. */
function laneOf(
  { path, size, at }: PlacedFile,
  { sealer, scratch }: Bench,
  take: (index: number, offset: number) => boolean,
  board: Board,
): Lane {
  let sealing: number | null = null
  return {
    path,
    size,
    memory(offset) {
      const within = (at + offset) % chunkSize
      const index = (at + offset - within) / chunkSize
      if (within === 0 && sealing !== index && size - offset >= chunkSize && take(index, offset)) sealing = index
      if (sealing === index) return sealer.buffer.subarray(within, chunkSize)
      return scratch.subarray(0, Math.min(pieceSize, chunkSize - within))
    },
    took(offset, length) {
      if (sealing === null || (at + offset + length) % chunkSize !== 0) return
      sealer.seal(sealing)
      board.countOther(chunkSize)
      sealing = null
    },
  }
}

function sealRest(task: SealDocumentsTask, board: Board, claims: ChunkClaims, sealer: ChunkSealer): void {
  const { size, first, end } = task
  const plaintext = openSegments(task.segments)
  try {
    for (let step = board.claimOther(end - first); step !== null; step = board.claimOther(end - first)) {
      const index = end - 1 - step
      if (!claims.take(index)) continue
      board.throwIfStopped()
      const { length } = chunkAt(index, size)
      plaintext.read(index * chunkSize, sealer.buffer.subarray(0, length))
      sealer.seal(index)
      board.countOther(length)
    }
  } finally {
    plaintext.close()
  }
}
