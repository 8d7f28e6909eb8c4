import { chunkAt, chunkSize } from '../envelope/part-layout.ts'
import type { BulkSuite } from '../suite.ts'
import type { Board } from './board.ts'
import { openChunkSealer } from './chunk-sealer.ts'
import type { SealTask } from './protocol.ts'
import { openSegments } from './segment-files.ts'

/** One thread's share of a {@link SealTask}. */
export function sealChunks(task: SealTask, suite: BulkSuite, board: Board): void {
  const { size, end } = task
  const sealer = openChunkSealer(task, suite)
  const plaintext = openSegments(task.segments)
  try {
    for (let index = board.claim(end); index !== null; index = board.claim(end)) {
      board.throwIfStopped()
      const { length } = chunkAt(index, size)
      plaintext.read(index * chunkSize, sealer.buffer.subarray(0, length))
      sealer.seal(index)
      board.count(length)
    }
  } finally {
    plaintext.close()
    sealer.wipe()
  }
}
