import type { RunningDigest } from '../suite.ts'
import type { SmVariant } from './kernel/variant.ts'
import { newSm3State, type Sm3Engine, sm3Engine } from './sm3-engine.ts'

const blockLength = 64

/** SM3 (GB/T 32905-2016) of the pieces one after the other, 32 bytes. */
export function sm3(...pieces: readonly Uint8Array[]): Uint8Array {
  const digest = createSm3()
  for (const piece of pieces) digest.update(piece)
  return digest.digest()
}

/** Begins an SM3 of bytes that come piece by piece. `variant` is for tests: all give the same. */
export function createSm3(variant?: SmVariant): RunningDigest {
  return new Sm3Stream(sm3Engine(variant))
}

/** One stream: its state, and the block that is not yet full. */
export class Sm3Stream implements RunningDigest {
  readonly #engine: Sm3Engine
  readonly #state: Int32Array
  readonly #begun = new Uint8Array(blockLength)
  #begunLength = 0
  #length: number

  /** With `state` it goes on behind `length` bytes, whole blocks, that are compressed already. */
  constructor(engine: Sm3Engine, state: Int32Array = newSm3State(), length = 0) {
    this.#engine = engine
    this.#state = state
    this.#length = length
  }

  /** The words of the state, for the one who compresses what {@link blocksOf} has given out. */
  get state(): Int32Array {
    return this.#state
  }

  update(bytes: Uint8Array): void {
    this.#engine.compress(this.#state, this.blocksOf(bytes))
  }

  /**
   * Takes the next bytes in; answers the whole blocks among them, which the caller compresses into {@link state} before
   * anything else. What does not fill a block is kept.
   */
  blocksOf(bytes: Uint8Array): Uint8Array {
    this.#length += bytes.length
    let rest = bytes
    if (this.#begunLength > 0) {
      const taken = bytes.subarray(0, blockLength - this.#begunLength)
      this.#begun.set(taken, this.#begunLength)
      this.#begunLength += taken.length
      if (this.#begunLength < blockLength) return bytes.subarray(0, 0)
      this.#engine.compress(this.#state, this.#begun)
      rest = bytes.subarray(taken.length)
    }
    const whole = rest.length - (rest.length % blockLength)
    this.#begun.set(rest.subarray(whole))
    this.#begunLength = rest.length - whole
    return rest.subarray(0, whole)
  }

  /** Padding (5.2): a one, zeros, and the length in bits. Afterwards the stream is good for nothing. */
  digest(): Uint8Array {
    const padded = new Uint8Array(this.#begunLength + 9 > blockLength ? 2 * blockLength : blockLength)
    padded.set(this.#begun.subarray(0, this.#begunLength))
    padded[this.#begunLength] = 0x80
    const length = new DataView(padded.buffer, padded.length - 8)
    length.setUint32(0, Math.floor(this.#length / 0x2000_0000))
    length.setUint32(4, (this.#length * 8) >>> 0)
    this.#engine.compress(this.#state, padded)
    const digest = new Uint8Array(32)
    const view = new DataView(digest.buffer)
    for (const [index, word] of this.#state.entries()) view.setInt32(index * 4, word)
    this.#begun.fill(0)
    this.#state.fill(0)
    return digest
  }
}
