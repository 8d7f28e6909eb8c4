/** Bytes of a nonce and of a tag; GCM has other lengths, this project has none. */
export const gcmNonceLength = 12
export const gcmTagLength = 16

/** Bytes of the groups that bulk work goes by: 128 blocks. */
export const gcmGroupLength = 2048

export type GcmDirection = 'seal' | 'open'

/**
 * SM4-GCM with one key (NIST SP 800-38D; GB/T 36624), in place on a buffer of its own. A message is `begin`, any number of
 * `run`, `finish`.
 */
export interface GcmWork {
  readonly buffer: Uint8Array
  begin(nonce: Uint8Array, additional: Uint8Array): void
  /** Goes on with the first `length` bytes of the buffer; all but the last time whole groups. */
  run(direction: GcmDirection, length: number): void
  /** The tag. */
  finish(): Uint8Array
  /** Leaf of the first `length` bytes of the buffer, see sm3-leaf.ts. */
  leaf(prefix: number, length: number): Uint8Array
  /** Overwrites the key and the buffer. */
  wipe(): void
}

/** The block of both lengths in bits that ends a message (7.1). */
export function gcmLengths(additionalLength: number, length: number): Uint8Array {
  const block = new Uint8Array(16)
  const view = new DataView(block.buffer)
  for (const [at, bytes] of [
    [0, additionalLength],
    [8, length],
  ] as const) {
    view.setUint32(at, Math.floor(bytes / 0x2000_0000))
    view.setUint32(at + 4, (bytes * 8) >>> 0)
  }
  return block
}
