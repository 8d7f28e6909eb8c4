import type { BulkSuite, ChunkCipher } from '../suite.ts'

/** A key where every thread can read it and its owner can wipe it. `key` is wiped. */
export function shareKey(key: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(key.length)
  new Uint8Array(shared).set(key)
  key.fill(0)
  return shared
}

/** Overwrites a shared key. */
export function wipeKey(shared: SharedArrayBuffer): void {
  new Uint8Array(shared).fill(0)
}

/** A thread's own cipher for a shared key. The caller wipes it. */
export function cipherOf(suite: BulkSuite, shared: SharedArrayBuffer): ChunkCipher {
  const key = Uint8Array.from(new Uint8Array(shared))
  try {
    return suite.createChunkCipher(key)
  } finally {
    key.fill(0)
  }
}
