import { CryptoFailure } from '../errors.ts'
import type { Segment } from '../io/source.ts'
import { layOut } from './stretches.ts'
import { closeFile, openFile, readFully } from './sync-files.ts'

/** Reads a list of segments at any offset. */
export interface SegmentFiles {
  /** Fills all of `into` from `offset`. Throws `input.unreadable`, `input.changed`. */
  read(offset: number, into: Uint8Array): void
  /** Closes the file at hand; harmless twice. */
  close(): void
}

/** A reader over segments that has at most one file open at a time. */
export function openSegments(segments: readonly Segment[]): SegmentFiles {
  const laid = layOut(segments, segment => (segment.kind === 'bytes' ? segment.bytes.length : segment.length))
  let open: { readonly path: string; readonly descriptor: number } | null = null
  const close = (): void => {
    if (open !== null) closeFile(open.descriptor)
    open = null
  }
  const descriptorOf = ({ path, offset, length }: Extract<Segment, { kind: 'file' }>): number => {
    if (open?.path === path) return open.descriptor
    close()
    const { descriptor, size } = openFile(path)
    open = { path, descriptor }
    if (size < offset + length) throw new CryptoFailure('input.changed', 'a file has become shorter')
    return descriptor
  }
  return {
    read(offset, into) {
      laid.within(offset, into.length, (segment, from, at, count) => {
        const target = into.subarray(at, at + count)
        if (segment.kind === 'bytes') target.set(segment.bytes.subarray(from, from + count))
        else readFully(descriptorOf(segment), target, segment.offset + from)
      })
    },
    close,
  }
}
