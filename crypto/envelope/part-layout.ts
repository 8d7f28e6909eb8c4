/** Plaintext bytes in a chunk; only the last may hold fewer. */
export const chunkSize = 2 ** 20

/** Bytes the cipher adds to a chunk. */
export const tagSize = 16

/** Chunks of a part of `size` plaintext bytes: at least one. */
export function chunkCount(size: number): number {
  return Math.max(1, Math.ceil(size / chunkSize))
}

/** Bytes of a part once sealed. */
export function sealedSizeOf(size: number): number {
  return size + tagSize * chunkCount(size)
}

/** Where chunk `index` lies in a part of `size` plaintext bytes. */
export function chunkAt(index: number, size: number): ChunkPlace {
  const length = Math.min(chunkSize, size - index * chunkSize)
  return {
    length,
    sealedOffset: index * (chunkSize + tagSize),
    sealedLength: length + tagSize,
    last: index === chunkCount(size) - 1,
  }
}

/** A chunk within its part; bytes. */
export interface ChunkPlace {
  /** Plaintext bytes. */
  readonly length: number
  readonly sealedOffset: number
  readonly sealedLength: number
  readonly last: boolean
}

/** Nonce of a chunk: 11-byte big-endian index ‖ 1 for the last chunk, else 0. */
export function chunkNonce(index: number, last: boolean): Uint8Array {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(index, 5, 6)
  nonce[11] = last ? 1 : 0
  return Uint8Array.from(nonce)
}
