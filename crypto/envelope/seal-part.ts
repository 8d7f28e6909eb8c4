import type { Meter } from '../io/progress.ts'
import type { SegmentReader } from '../io/segments.ts'
import { chunkAt, chunkCount, chunkNonce, chunkSize, tagSize } from './part-layout.ts'
import { deriveStreamKey, type PartDerivation } from './key-schedule.ts'
import { treeLeaf, treeRoot } from './tree.ts'

/** A part to be encrypted. */
export interface SealPartOptions {
  readonly derivation: PartDerivation
  readonly partKey: Uint8Array
  /** Plaintext bytes; the reader must give exactly as many. */
  readonly size: number
  readonly plaintext: SegmentReader
  /**
   * Takes each sealed chunk; `offset` counts from the part's first sealed byte. The bytes are good until the promise is
   * settled.
   */
  readonly write: (offset: number, sealed: Uint8Array) => Promise<void>
  readonly meter: Meter
  /** Whether to compute the plain twin's root as well. */
  readonly plainTwin: boolean
}

/** Digests of an encrypted part. */
export interface SealedPart {
  /** Tree digest over the sealed chunks, 32 bytes. */
  readonly root: Uint8Array
  /** Tree digest over the plaintext, where it was asked for. */
  readonly plainRoot: Uint8Array | null
}

/** Encrypts a part chunk by chunk; never holds more than one chunk. Cancel is looked for before each. */
export async function sealPart(options: SealPartOptions): Promise<SealedPart> {
  const { suite } = options.derivation
  const key = deriveStreamKey(options.derivation, options.partKey)
  const buffer = new Uint8Array(Math.min(chunkSize, options.size))
  const space = new Uint8Array(buffer.length + tagSize)
  const leaves: Uint8Array[] = []
  const plainLeaves: Uint8Array[] = []
  try {
    for (let index = 0; index < chunkCount(options.size); index += 1) {
      options.meter.advance(0)
      const place = chunkAt(index, options.size)
      const plaintext = buffer.subarray(0, place.length)
      await options.plaintext.read(plaintext)
      const sealed = suite.sealChunk(key, chunkNonce(index, place.last), plaintext, space)
      leaves.push(treeLeaf(suite, 'sealed', sealed))
      if (options.plainTwin) plainLeaves.push(treeLeaf(suite, 'plain', plaintext))
      await options.write(place.sealedOffset, sealed)
      options.meter.advance(place.length)
    }
  } finally {
    key.fill(0)
    buffer.fill(0)
  }
  return {
    root: treeRoot(suite, 'sealed', leaves),
    plainRoot: options.plainTwin ? treeRoot(suite, 'plain', plainLeaves) : null,
  }
}
