import { chunkAt, chunkNonce } from '../envelope/part-layout.ts'
import { treePrefixes } from '../envelope/tree.ts'
import type { BulkSuite } from '../suite.ts'
import { digestSize, type SealTask } from './protocol.ts'
import { cipherOf } from './shared-key.ts'
import { writeFully } from './sync-files.ts'

/** Seals chunks of a part, one after the other, and writes them where they belong. */
export interface ChunkSealer {
  /** Takes the plaintext of the chunk that is to be sealed next. */
  readonly buffer: Uint8Array
  /** Seals the chunk whose plaintext is in the buffer. Throws `output.*`. */
  seal(index: number): void
  /** Overwrites key and buffer. */
  wipe(): void
}

/** What of a task says how a chunk is sealed and where it goes. */
export type SealedPlace = Pick<SealTask, 'key' | 'size' | 'output' | 'leaves' | 'plainLeaves'>

/** A sealer of this thread. The caller wipes it. */
export function openChunkSealer(task: SealedPlace, suite: BulkSuite): ChunkSealer {
  const { size, output } = task
  const cipher = cipherOf(suite, task.key)
  const leaves = new Uint8Array(task.leaves)
  const plainLeaves = task.plainLeaves === null ? null : new Uint8Array(task.plainLeaves)
  return {
    buffer: cipher.buffer,
    seal(index) {
      const { length, sealedOffset, sealedLength, last } = chunkAt(index, size)
      plainLeaves?.set(cipher.leaf(treePrefixes.plain.leaf, length), index * digestSize)
      cipher.seal(chunkNonce(index, last), length)
      leaves.set(cipher.leaf(treePrefixes.sealed.leaf, sealedLength), index * digestSize)
      writeFully(output.descriptor, cipher.buffer.subarray(0, sealedLength), output.offset + sealedOffset)
    },
    wipe: () => cipher.wipe(),
  }
}
