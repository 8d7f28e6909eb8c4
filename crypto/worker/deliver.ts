import { chunkSize } from '../envelope/part-layout.ts'
import { CryptoFailure } from '../errors.ts'
import type { ExpectedSegment } from './protocol.ts'
import { layOut } from './stretches.ts'
import { closeFile, closeWritten, openForWriting, writeFully } from './sync-files.ts'

/** Where the plaintext of a part goes, one thread's hand in it. */
export interface Delivery {
  /**
   * Documents go to their files; everything else must be what is expected. Throws `seal.inner` when it is not, `output.*`.
   */
  take(index: number, chunk: Uint8Array): void
  /** Closes the file at hand after a failure; never throws. */
  close(): void
}

/** Begins a delivery that has at most one file open at a time. */
export function deliverTo(expected: readonly ExpectedSegment[]): Delivery {
  const laid = layOut(expected, segment => (segment.kind === 'bytes' ? segment.bytes.length : segment.length))
  let open: { readonly path: string; readonly descriptor: number } | null = null
  const descriptorOf = (path: string): number => {
    if (open?.path === path) return open.descriptor
    const before = open
    open = null
    if (before !== null) closeWritten(before.descriptor)
    open = { path, descriptor: openForWriting(path) }
    return open.descriptor
  }
  return {
    take(index, chunk) {
      laid.within(index * chunkSize, chunk.length, (segment, from, at, count) => {
        const piece = chunk.subarray(at, at + count)
        if (segment.kind === 'document') {
          if (segment.path !== null) writeFully(descriptorOf(segment.path), piece, from)
        } else if (Buffer.compare(piece, segment.bytes.subarray(from, from + count)) !== 0) {
          throw new CryptoFailure('seal.inner', 'the inner archive is not the canonical one')
        }
      })
    },
    close() {
      if (open !== null) closeFile(open.descriptor)
      open = null
    },
  }
}
