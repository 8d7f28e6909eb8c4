import { chunkSize } from '../envelope/part-layout.ts'
import type { Board } from './board.ts'

/**
 * Plaintext chunks on their way from whoever opened them to the one thread that digests them in order. A chunk may be begun
 * only when its slot is free, so that memory is bounded and nobody runs far ahead.
 */
export interface Ring {
  /** Chunks below this number have a free slot or had one. */
  readonly limit: () => number
  fill(index: number, chunk: Uint8Array): void
  /** The slot of a chunk, once it is filled; null until then. */
  ready(index: number): Uint8Array | null
  /** All chunks below `next` have been taken. */
  release(next: number): void
}

/** The memory of a ring of so many chunks. */
export function newRing(slots: number): SharedArrayBuffer {
  return new SharedArrayBuffer(slots * (chunkSize + wordSize) + wordSize)
}

/** A ring over its memory, on any thread. */
export function openRing(shared: SharedArrayBuffer, board: Board): Ring {
  const slots = Math.floor((shared.byteLength - wordSize) / (chunkSize + wordSize))
  const memory = new Uint8Array(shared, 0, slots * chunkSize)
  /** Of each slot: one more than the chunk that fills it. Then how many chunks have been taken. */
  const words = new Int32Array(shared, slots * chunkSize, slots + 1)
  const slotOf = (index: number): Uint8Array => {
    const start = (index % slots) * chunkSize
    return memory.subarray(start, start + chunkSize)
  }
  return {
    limit: () => Atomics.load(words, slots) + slots,
    fill(index, chunk) {
      slotOf(index).set(chunk)
      Atomics.store(words, index % slots, index + 1)
      board.ring()
    },
    ready: index => (Atomics.load(words, index % slots) === index + 1 ? slotOf(index) : null),
    release(next) {
      Atomics.store(words, slots, next)
      board.ring()
    },
  }
}

const wordSize = 4
