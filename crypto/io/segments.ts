import { CryptoFailure } from '../errors.ts'
import type { FileSystem } from './files.ts'
import type { ByteSource, Segment } from './source.ts'

/** Reads a list of segments once, from front to back. */
export interface SegmentReader {
  /** Fills all of `into` with the next bytes. Throws `input.unreadable` past the end, `input.changed`. */
  read(into: Uint8Array): Promise<void>
  /** Closes the file at hand; harmless twice. */
  close(): Promise<void>
}

/** Sees the bytes of a file segment as they are read, its beginning and end. May throw to stop the reading. */
export interface SegmentObserver {
  /** `fileSize` is the whole file's length now, in bytes. */
  begin(segment: number, fileSize: number): void
  bytes(segment: number, bytes: Uint8Array): void
  end(segment: number): void
}

/** A reader over segments that has at most one file open at a time. */
export function readSegments(
  segments: readonly Segment[],
  files: FileSystem,
  observer?: SegmentObserver,
): SegmentReader {
  return new Reader(segments, files, observer)
}

class Reader implements SegmentReader {
  readonly #segments: readonly Segment[]
  readonly #files: FileSystem
  readonly #observer: SegmentObserver | undefined
  #index = 0
  #position = 0
  #open: ByteSource | null = null

  constructor(segments: readonly Segment[], files: FileSystem, observer: SegmentObserver | undefined) {
    this.#segments = segments
    this.#files = files
    this.#observer = observer
  }

  async read(into: Uint8Array): Promise<void> {
    let filled = 0
    while (filled < into.length) {
      const segment = this.#segments[this.#index]
      if (segment === undefined) throw new CryptoFailure('input.unreadable', 'read past the last segment')
      const length = segment.kind === 'bytes' ? segment.bytes.length : segment.length
      const count = Math.min(into.length - filled, length - this.#position)
      const target = into.subarray(filled, filled + count)
      if (segment.kind === 'bytes') target.set(segment.bytes.subarray(this.#position, this.#position + count))
      else await this.#readFile(segment, target)
      filled += count
      this.#position += count
      if (this.#position === length) await this.#next(segment)
    }
  }

  async close(): Promise<void> {
    const source = this.#open
    this.#open = null
    await source?.close()
  }

  async #readFile(segment: Extract<Segment, { kind: 'file' }>, into: Uint8Array): Promise<void> {
    if (this.#open === null) {
      this.#open = await this.#files.open(segment.path)
      if (this.#open.size < segment.offset + segment.length) {
        throw new CryptoFailure('input.changed', 'a file has become shorter')
      }
      this.#observer?.begin(this.#index, this.#open.size)
    }
    await this.#open.read(segment.offset + this.#position, into)
    this.#observer?.bytes(this.#index, into)
  }

  async #next(segment: Segment): Promise<void> {
    if (segment.kind === 'file') this.#observer?.end(this.#index)
    await this.close()
    this.#index += 1
    this.#position = 0
  }
}
