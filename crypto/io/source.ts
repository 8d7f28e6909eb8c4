import { CryptoFailure } from '../errors.ts'

/**
 * Bytes of known length that can be read at any offset. The reader of sealed bids, the platform's virtual archives and
 * the pipeline all read through this; nothing ever loads a whole part into memory.
 */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number
  /** Where the bytes stand, if they are a range of a regular file: worker threads read them there themselves. */
  readonly place?: FilePlace | undefined
  /**
   * Fills all of `into` from `offset`. Throws `input.unreadable` when the range is outside the source or the medium
   * fails, `input.changed` when the file is no longer as long as when it was opened. The caller owns `into`.
   */
  read(offset: number, into: Uint8Array): Promise<void>
  /** Releases what the source holds; reading afterwards throws. May be called twice. */
  close(): Promise<void>
}

/**
 * A place in a regular file that this process has open for as long as the source or draft is. Descriptors belong to the
 * process, so any of its threads may read or write there.
 */
export interface FilePlace {
  readonly descriptor: number
  /** Bytes from the file's start. */
  readonly offset: number
}

/**
 * A piece of a plaintext stream: bytes at hand, or a range of a file. Plain data, so that a list of segments can be
 * posted to a worker thread. Lengths and offsets are in bytes.
 */
export type Segment =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly length: number }

/** Total length of a list of segments, in bytes. */
export function segmentsLength(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + (segment.kind === 'bytes' ? segment.bytes.length : segment.length), 0)
}

/** A source over bytes at hand. The bytes are not copied; the caller must not change them. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, into) {
      into.set(bytes.subarray(offset, offset + into.length))
      return offset >= 0 && offset + into.length <= bytes.length ? Promise.resolve() : Promise.reject(outside())
    },
    close: () => Promise.resolve(),
  }
}

/** A window of another source. Closing it leaves the other open. */
export function rangeSource(source: ByteSource, start: number, size: number): ByteSource {
  const { place } = source
  return {
    size,
    place: place === undefined ? undefined : { descriptor: place.descriptor, offset: place.offset + start },
    read: (offset, into) =>
      offset >= 0 && offset + into.length <= size ? source.read(start + offset, into) : Promise.reject(outside()),
    close: () => Promise.resolve(),
  }
}

/** Several sources read as one, in order; closing it closes them. */
export function joinedSource(sources: readonly ByteSource[]): ByteSource {
  const starts: number[] = []
  let size = 0
  for (const source of sources) {
    starts.push(size)
    size += source.size
  }
  return {
    size,
    async read(offset, into) {
      if (offset < 0 || offset + into.length > size) throw outside()
      for (const [index, source] of sources.entries()) {
        const start = starts[index] ?? 0
        const from = Math.max(offset, start)
        const to = Math.min(offset + into.length, start + source.size)
        if (from < to) await source.read(from - start, into.subarray(from - offset, to - offset))
      }
    },
    async close() {
      for (const source of sources) await source.close()
    },
  }
}

/** A whole source as bytes; refuses more than `limit` bytes with `input.unreadable`. */
export async function readAll(source: ByteSource, limit: number): Promise<Uint8Array> {
  if (source.size > limit) throw new CryptoFailure('input.unreadable', `longer than ${limit} bytes`)
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  return bytes
}

function outside(): CryptoFailure {
  return new CryptoFailure('input.unreadable', 'a range outside the source was asked for')
}
