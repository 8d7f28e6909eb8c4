import { CryptoFailure } from '../errors.ts'
import type { Meter } from '../io/progress.ts'
import type { ByteSource } from '../io/source.ts'
import type { Suite } from '../suite.ts'
import { deriveStreamKey, type PartDerivation } from './key-schedule.ts'
import { chunkAt, chunkCount, chunkNonce, chunkSize, tagSize } from './part-layout.ts'
import { treeLeaf } from './tree.ts'

/** Leaf digests of a part's sealed chunks as they are stored now, in order (check 7). `size` is the plaintext's. */
export async function readLeaves(
  suite: Suite,
  source: ByteSource,
  size: number,
  meter: Meter,
): Promise<readonly Uint8Array[]> {
  const buffer = new Uint8Array(Math.min(chunkSize, size) + tagSize)
  const leaves: Uint8Array[] = []
  for (let index = 0; index < chunkCount(size); index += 1) {
    meter.advance(0)
    const place = chunkAt(index, size)
    const sealed = buffer.subarray(0, place.sealedLength)
    await source.read(place.sealedOffset, sealed)
    leaves.push(treeLeaf(suite, 'sealed', sealed))
    meter.advance(place.length)
  }
  return leaves
}

/** A part to be decrypted. */
export interface OpenPartOptions {
  readonly derivation: PartDerivation
  readonly partKey: Uint8Array
  /** Plaintext bytes. */
  readonly size: number
  /** The sealed part. */
  readonly source: ByteSource
  /** What check 7 found; a chunk that is another one now is refused with `seal.root`. Null: check 7 is still to come. */
  readonly leaves: readonly Uint8Array[] | null
  readonly meter: Meter
}

/**
 * Decrypts a part chunk by chunk, in order; a chunk is given out only after its tag has held. Throws `seal.chunk`,
 * `seal.root`, `cancelled`. The caller owns each chunk.
 */
export async function* openPart(options: OpenPartOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { suite } = options.derivation
  const key = deriveStreamKey(options.derivation, options.partKey)
  const buffer = new Uint8Array(Math.min(chunkSize, options.size) + tagSize)
  try {
    for (let index = 0; index < chunkCount(options.size); index += 1) {
      options.meter.advance(0)
      const place = chunkAt(index, options.size)
      const sealed = buffer.subarray(0, place.sealedLength)
      await options.source.read(place.sealedOffset, sealed)
      if (options.leaves !== null) requireLeaf(suite, sealed, options.leaves[index])
      const plaintext = suite.openChunk(key, chunkNonce(index, place.last), sealed)
      options.meter.advance(place.length)
      yield plaintext
    }
  } finally {
    key.fill(0)
  }
}

function requireLeaf(suite: Suite, sealed: Uint8Array, leaf: Uint8Array | undefined): void {
  if (leaf !== undefined && Buffer.compare(leaf, treeLeaf(suite, 'sealed', sealed)) === 0) return
  throw new CryptoFailure('seal.root', 'the stored bytes have changed since they were verified')
}
