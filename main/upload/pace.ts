import { waitOrStop } from '../http/index.ts'

/** Keeps an upload from taking the whole line. */
export interface Pace {
  /** Most bytes to be handed over at once. */
  readonly piece: number
  /** Waits until so many more bytes may go. Throws `cancelled`. */
  take(bytes: number, signal: AbortSignal | undefined): Promise<void>
}

const mebibyte = 2 ** 20
/** A limited line gets its bytes this often, in milliseconds. */
const beat = 250

/** At most `limit` bytes a second; without a limit as fast as the line takes them. */
export function openPace(limit: number | undefined, monotonic: () => number): Pace {
  if (limit === undefined) return { piece: mebibyte, take: () => Promise.resolve() }
  let free = monotonic()
  return {
    piece: Math.max(1024, Math.min(mebibyte, Math.floor((limit * beat) / 1000))),
    async take(bytes, signal) {
      const now = monotonic()
      const wait = free - now
      free = Math.max(free, now) + (bytes * 1000) / limit
      if (wait > 0) await waitOrStop(wait, signal)
    },
  }
}
