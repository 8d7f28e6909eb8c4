import type { ByteSource } from '../../crypto/index.ts'

/** Reads a source in chunks, the next one while the one before is on its way. */
export interface ReadAhead {
  /**
   * The bytes at an offset. They stay as they are until the second `take` after this one: the caller must have let go of
   * them by then. Throws what the source throws.
   */
  take(offset: number, length: number): Promise<Uint8Array>
  /** Says what will probably be asked for next. */
  expect(offset: number, length: number): void
}

/** Two buffers of at most `most` bytes take turns; they are all the memory an upload needs. */
export function readAhead(source: ByteSource, most: number): ReadAhead {
  const length = Math.min(most, source.size)
  const buffers = [new Uint8Array(length), new Uint8Array(length)] as const
  let turn = 0
  let expected: { readonly offset: number; readonly bytes: Uint8Array; readonly read: Promise<unknown> } | null = null

  function begin(offset: number, count: number): { offset: number; bytes: Uint8Array; read: Promise<void> } {
    const bytes = (buffers[turn] ?? buffers[0]).subarray(0, count)
    const read = source.read(offset, bytes)
    // Whoever takes it hears of the failure; an expectation nobody comes for is no fault.
    read.catch(() => undefined)
    return { offset, bytes, read }
  }

  return {
    async take(offset, count) {
      const ready = expected
      expected = null
      if (ready !== null && (ready.offset !== offset || ready.bytes.length < count)) {
        // The buffer is being written to: it is ours again when that is over, however it ends.
        await ready.read.catch(() => undefined)
      }
      const chunk = ready?.offset === offset && ready.bytes.length >= count ? ready : begin(offset, count)
      await chunk.read
      turn = 1 - turn
      return chunk.bytes.subarray(0, count)
    },
    expect(offset, count) {
      expected ??= begin(offset, count)
    },
  }
}
