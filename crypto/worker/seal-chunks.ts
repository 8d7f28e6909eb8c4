import { chunkAt, chunkNonce, chunkSize } from '../envelope/part-layout.ts'
import { treePrefixes } from '../envelope/tree.ts'
import type { BulkSuite } from '../suite.ts'
import type { Board } from './board.ts'
import { digestSize, type SealTask } from './protocol.ts'
import { openSegments } from './segment-files.ts'
import { cipherOf } from './shared-key.ts'
import { writeFully } from './sync-files.ts'

/** One thread's share of a {@link SealTask}. */
export function sealChunks(task: SealTask, suite: BulkSuite, board: Board): void {
  const { size, end, output } = task
  const cipher = cipherOf(suite, task.key)
  const plaintext = openSegments(task.segments)
  const leaves = new Uint8Array(task.leaves)
  const plainLeaves = task.plainLeaves === null ? null : new Uint8Array(task.plainLeaves)
  try {
    for (let index = board.claim(end); index !== null; index = board.claim(end)) {
      board.throwIfStopped()
      const { length, sealedOffset, sealedLength, last } = chunkAt(index, size)
      plaintext.read(index * chunkSize, cipher.buffer.subarray(0, length))
      plainLeaves?.set(cipher.leaf(treePrefixes.plain.leaf, length), index * digestSize)
      cipher.seal(chunkNonce(index, last), length)
      leaves.set(cipher.leaf(treePrefixes.sealed.leaf, sealedLength), index * digestSize)
      writeFully(output.descriptor, cipher.buffer.subarray(0, sealedLength), output.offset + sealedOffset)
      board.count(length)
    }
  } finally {
    plaintext.close()
    cipher.wipe()
  }
}
