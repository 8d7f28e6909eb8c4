import { CryptoFailure } from '../errors.ts'

/** What the threads of one run share to agree on who does what; see {@link openBoard}. */
export interface Board {
  /** A thread comes to the run; false when it is not to begin at all. */
  enter(place: number): boolean
  /** Keeps a thread from ever entering; false when it has entered already. */
  bar(place: number): boolean
  /** Nobody begins anything new any more; wakes those who wait. */
  stop(): void
  readonly stopped: boolean
  /** Throws `cancelled` once the run is stopped. */
  throwIfStopped(): void
  /** How many threads the run was given to. */
  readonly threads: number
  /** The next unit nobody has begun, below `end`; null when there is none. */
  claim(end: number): number | null
  /** As {@link claim}, counted by itself and from 0: for a run that has units of two kinds. */
  claimOther(end: number): number | null
  /** {@link claim}, but only below `limit()` at the moment; `wait` when the next one is not. */
  claimBelow(end: number, limit: () => number): number | null | 'wait'
  count(bytes: number): void
  /** Bytes counted so far, by all. */
  readonly done: number
  /** As {@link count} and {@link done}, for what a run does besides. */
  countOther(bytes: number): void
  readonly otherDone: number
  /** Says that something happened that others may wait for. */
  ring(): void
  /** A number that changes with every `ring`. */
  readonly rings: number
  /** Sleeps until there has been a `ring` since `rings` was `seen`, or a little. */
  sleep(seen: number): void
}

const words = { stop: 0, next: 1, rings: 2, nextOther: 3 } as const
const counterOffset = 16
const placesOffset = counterOffset + 16
const entered = 1
const barred = 2
/** Milliseconds; only for the case that a thread dies and nobody rings. */
const longestSleep = 100

/** The memory of a new board for so many threads, whose units begin with `first`. */
export function newBoard(first: number, threads: number): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(placesOffset + 4 * threads)
  new Int32Array(shared)[words.next] = first
  return shared
}

/** A board over its memory, on any thread. */
export function openBoard(shared: SharedArrayBuffer): Board {
  const word = new Int32Array(shared, 0, 4)
  const counters = new BigInt64Array(shared, counterOffset, 2)
  const places = new Int32Array(shared, placesOffset)
  const stopped = (): boolean => Atomics.load(word, words.stop) !== 0
  const ring = (): void => {
    Atomics.add(word, words.rings, 1)
    Atomics.notify(word, words.rings)
  }
  return {
    enter: place => Atomics.compareExchange(places, place, 0, entered) === 0,
    bar: place => Atomics.compareExchange(places, place, 0, barred) === 0,
    stop() {
      Atomics.store(word, words.stop, 1)
      ring()
    },
    get stopped() {
      return stopped()
    },
    throwIfStopped() {
      if (stopped()) throw new CryptoFailure('cancelled', 'stopped at the request of the caller')
    },
    threads: places.length,
    claim: end => below(end, Atomics.add(word, words.next, 1)),
    claimOther: end => below(end, Atomics.add(word, words.nextOther, 1)),
    claimBelow(end, limit) {
      for (;;) {
        const unit = Atomics.load(word, words.next)
        if (unit >= end) return null
        if (unit >= limit()) return 'wait'
        if (Atomics.compareExchange(word, words.next, unit, unit + 1) === unit) return unit
      }
    },
    count: bytes => void Atomics.add(counters, 0, BigInt(bytes)),
    get done() {
      return Number(Atomics.load(counters, 0))
    },
    countOther: bytes => void Atomics.add(counters, 1, BigInt(bytes)),
    get otherDone() {
      return Number(Atomics.load(counters, 1))
    },
    ring,
    get rings() {
      return Atomics.load(word, words.rings)
    },
    sleep: seen => void Atomics.wait(word, words.rings, seen, longestSleep),
  }
}

function below(end: number, unit: number): number | null {
  return unit < end ? unit : null
}
