/** Which chunks of a part somebody has begun to seal; a chunk is sealed once. */
export interface ChunkClaims {
  /** True for the one who asks first. */
  take(index: number): boolean
  /** Chunks nobody has taken. */
  readonly left: number
}

const counterSize = 4

/** The memory of claims for a part of `count` chunks, of which those from `first` on are to be taken. */
export function newChunkClaims(count: number, first: number): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(counterSize + count)
  new Int32Array(shared, 0, 1)[0] = count - first
  return shared
}

/** Claims over their memory, on any thread. */
export function openChunkClaims(shared: SharedArrayBuffer): ChunkClaims {
  const left = new Int32Array(shared, 0, 1)
  const taken = new Uint8Array(shared, counterSize)
  return {
    take(index) {
      if (Atomics.compareExchange(taken, index, 0, 1) !== 0) return false
      Atomics.sub(left, 0, 1)
      return true
    },
    get left() {
      return Atomics.load(left, 0)
    },
  }
}
