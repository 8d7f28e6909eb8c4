import { chunkAt, chunkCount, chunkNonce } from '../envelope/part-layout.ts'
import { treePrefixes } from '../envelope/tree.ts'
import type { BulkSuite } from '../suite.ts'
import type { Board } from './board.ts'
import { deliverTo } from './deliver.ts'
import { digestPlaintext } from './digest-plaintext.ts'
import { openRing, type Ring } from './ring.ts'
import { digestSize, type OpenTask } from './protocol.ts'
import { cipherOf } from './shared-key.ts'
import { readFully } from './sync-files.ts'

/**
 * One thread's share of an {@link OpenTask}. One of the threads digests the documents in their order; it takes chunks itself
 * whenever the next ones to digest are not ready.
 */
export function openChunks(task: OpenTask, suite: BulkSuite, board: Board, digests: boolean): void {
  const end = chunkCount(task.size)
  const ring = openRing(task.ring, board)
  const opener = startOpener(task, suite, ring)
  try {
    if (!digests) {
      for (;;) {
        const seen = board.rings
        board.throwIfStopped()
        const index = board.claimBelow(end, ring.limit)
        if (index === null) return
        if (index === 'wait') board.sleep(seen)
        else board.count(opener.open(index))
      }
    }
    const digest = digestPlaintext(task, suite)
    for (let next = 0; next < end;) {
      const seen = board.rings
      board.throwIfStopped()
      const ready = ring.ready(next)
      if (ready !== null) {
        digest.take(next, ready.subarray(0, chunkAt(next, task.size).length))
        next += 1
        ring.release(next)
        continue
      }
      const index = board.claimBelow(end, ring.limit)
      if (index === null || index === 'wait') board.sleep(seen)
      else board.count(opener.open(index))
    }
    new Uint8Array(task.digests).set(digest.finish())
  } finally {
    opener.end()
  }
}

interface Opener {
  /** Opens a chunk and sees to everything but its digest; answers the plaintext bytes. */
  open(index: number): number
  /** Overwrites the key and closes files. */
  end(): void
}

function startOpener(task: OpenTask, suite: BulkSuite, ring: Ring): Opener {
  const { size, input } = task
  const cipher = cipherOf(suite, task.key)
  const leaves = new Uint8Array(task.leaves)
  const plainLeaves = task.plainLeaves === null ? null : new Uint8Array(task.plainLeaves)
  const delivery = deliverTo(task.expected)
  return {
    open(index) {
      const { length, sealedOffset, sealedLength, last } = chunkAt(index, size)
      readFully(input.descriptor, cipher.buffer.subarray(0, sealedLength), input.offset + sealedOffset)
      leaves.set(cipher.leaf(treePrefixes.sealed.leaf, sealedLength), index * digestSize)
      cipher.open(chunkNonce(index, last), sealedLength)
      plainLeaves?.set(cipher.leaf(treePrefixes.plain.leaf, length), index * digestSize)
      const plaintext = cipher.buffer.subarray(0, length)
      ring.fill(index, plaintext)
      delivery.take(index, plaintext)
      return length
    },
    end() {
      cipher.wipe()
      delivery.close()
    },
  }
}
