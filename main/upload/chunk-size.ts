const mebibyte = 2 ** 20

/** Most bytes of one request: what is sent again at most after a cut, whatever the platform kept of it. */
export const uploadChunkBytes = 8 * mebibyte
/** Least bytes of one request. */
export const leastChunkBytes = 64 * 1024
/** A request is meant to take so long, in milliseconds: that often at least, something is confirmed. */
const meantTime = 10_000
/** No request is more than so many times longer than the one before: a fast start says little. */
const growth = 8

/** How large the requests of an upload are. */
export interface ChunkSize {
  /** Bytes of the next request. */
  readonly bytes: number
  /** Milliseconds after the last byte was taken in which the answer must come. */
  readonly patience: number
  /** A request was confirmed: so many bytes in so many milliseconds. */
  confirmed(bytes: number, milliseconds: number): void
  /** A request was lost: the line is not what it was. */
  lost(): void
}

/**
 * Requests as long as the line is fast. Few bytes at first; on a line of 64 kB/s as many as it carries in ten seconds; on a
 * fast one {@link uploadChunkBytes}. `least` milliseconds are always waited for an answer.
 */
export function openChunkSize(least: number): ChunkSize {
  let bytes = 4 * leastChunkBytes
  /** Bytes a millisecond; one that nobody would call a network until something is known. */
  let rate = 2
  const set = (wanted: number): void => {
    bytes = Math.round(Math.min(uploadChunkBytes, Math.max(leastChunkBytes, wanted)))
  }
  return {
    get bytes() {
      return bytes
    },
    get patience() {
      return Math.max(least, (3 * bytes) / rate)
    },
    confirmed(count, milliseconds) {
      rate = count / Math.max(milliseconds, 0.1)
      set(Math.min(rate * meantTime, bytes * growth))
    },
    lost() {
      rate = Math.max(2, rate / 4)
      set(bytes / 4)
    },
  }
}
