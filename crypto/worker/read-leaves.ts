import { chunkAt, chunkCount, chunkSize, tagSize } from '../envelope/part-layout.ts'
import { treePrefixes } from '../envelope/tree.ts'
import type { BulkSuite } from '../suite.ts'
import type { Board } from './board.ts'
import { digestSize, type LeavesTask } from './protocol.ts'
import { readFully } from './sync-files.ts'

/** One thread's share of a {@link LeavesTask}. */
export function readChunkLeaves({ size, input, leaves }: LeavesTask, suite: BulkSuite, board: Board): void {
  const buffer = new Uint8Array(chunkSize + tagSize)
  const found = new Uint8Array(leaves)
  const end = chunkCount(size)
  for (let index = board.claim(end); index !== null; index = board.claim(end)) {
    board.throwIfStopped()
    const { length, sealedOffset, sealedLength } = chunkAt(index, size)
    const sealed = buffer.subarray(0, sealedLength)
    readFully(input.descriptor, sealed, input.offset + sealedOffset)
    found.set(suite.leaf(treePrefixes.sealed.leaf, sealed), index * digestSize)
    board.count(length)
  }
}
