import type { FilePlace, Segment } from '../io/source.ts'
import { newChunkClaims } from '../worker/chunk-claims.ts'
import { digestSize, type SealDocumentsTask } from '../worker/protocol.ts'
import { increments, type RunGroup } from '../worker/run-group.ts'
import { shareKey, wipeKey } from '../worker/shared-key.ts'
import { deriveStreamKey, type PartDerivation } from './key-schedule.ts'
import { chunkCount } from './part-layout.ts'
import type { SealedPart } from './seal-part.ts'
import { leavesIn, treeRoot } from './tree.ts'

/** A part that threads encrypt into a file, in one or more stretches of chunks. */
export interface ThreadedPart {
  /** Encrypts chunks `first` to `end` (exclusive). Each chunk must be asked for once and no more. */
  seal(first: number, end: number, segments: readonly Segment[]): Promise<void>
  /** Encrypts the chunks from `first` on, and digests the documents among them on the way. */
  sealDocuments(first: number, segments: readonly Segment[], digesting: DocumentsInPart): Promise<void>
  /** The digests, when every chunk has been sealed. */
  finish(): SealedPart
  /** Overwrites the key; only when no run of the part is under way. */
  wipe(): void
}

/** Documents within a part, to be digested when it is sealed. */
export interface DocumentsInPart extends Pick<SealDocumentsTask, 'documents' | 'groups' | 'digests'> {
  /** Told how many bytes more are digested. */
  readonly onDigested: (bytes: number) => void
}

/** Begins a part of `size` plaintext bytes whose first sealed byte goes to `output`. */
export function startThreadedPart(options: {
  readonly runs: RunGroup
  readonly derivation: PartDerivation
  readonly partKey: Uint8Array
  readonly size: number
  readonly output: FilePlace
  readonly plainTwin: boolean
  /** Told how many bytes more are sealed. */
  readonly onSealed: (bytes: number) => void
}): ThreadedPart {
  const { runs, derivation, partKey, size, output, onSealed } = options
  const { suite } = derivation
  const key = shareKey(deriveStreamKey(derivation, partKey))
  const count = chunkCount(size)
  const leaves = new SharedArrayBuffer(count * digestSize)
  const plainLeaves = options.plainTwin ? new SharedArrayBuffer(count * digestSize) : null
  const place = { suite: suite.id, key, size, output, leaves, plainLeaves }
  return {
    seal(first, end, segments) {
      const task = { kind: 'seal', ...place, segments, first, end } as const
      return first < end ? runs.run(task, increments(onSealed)) : Promise.resolve()
    },
    sealDocuments(first, segments, { documents, groups, digests, onDigested }) {
      const claims = newChunkClaims(count, first)
      const task = { ...place, segments, first, end: count, documents, groups, digests, claims }
      const [digested, sealed] = [increments(onDigested), increments(onSealed)]
      return runs.run({ ...task, kind: 'seal-documents' }, (done, otherDone) => {
        digested(done)
        sealed(otherDone)
      })
    },
    finish: () => ({
      root: treeRoot(suite, 'sealed', leavesIn(leaves)),
      plainRoot: plainLeaves === null ? null : treeRoot(suite, 'plain', leavesIn(plainLeaves)),
    }),
    wipe: () => wipeKey(key),
  }
}
