import { CryptoFailure } from '../errors.ts'

/** Takes a decrypted part apart from front to back; holds at most one chunk. */
export interface PlainCursor {
  /** Bytes taken so far. */
  readonly position: number
  /** The next `length` bytes, a copy the caller owns. Throws `seal.inner` when there are fewer. */
  take(length: number): Promise<Uint8Array>
  /** Hands the next `length` bytes to `use`, piece by piece; a piece is good only until `use` is done. */
  each(length: number, use: (piece: Uint8Array) => void | Promise<void>): Promise<void>
  /** Throws `seal.inner` unless everything has been taken. */
  end(): Promise<void>
}

/** A cursor over chunks. Failures of the chunks themselves pass through. */
export function createCursor(chunks: AsyncIterator<Uint8Array>): PlainCursor {
  return new Cursor(chunks)
}

class Cursor implements PlainCursor {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  #position = 0

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks
  }

  get position(): number {
    return this.#position
  }

  async take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    let filled = 0
    await this.each(length, piece => {
      bytes.set(piece, filled)
      filled += piece.length
    })
    return bytes
  }

  async each(length: number, use: (piece: Uint8Array) => void | Promise<void>): Promise<void> {
    for (let left = length; left > 0;) {
      if (this.#chunk.length === 0 && !(await this.#next())) {
        throw new CryptoFailure('seal.inner', 'the inner archive is cut short')
      }
      const piece = this.#chunk.subarray(0, left)
      await use(piece)
      this.#chunk = this.#chunk.subarray(piece.length)
      this.#position += piece.length
      left -= piece.length
    }
  }

  async end(): Promise<void> {
    while (this.#chunk.length === 0) if (!(await this.#next())) return
    throw new CryptoFailure('seal.inner', 'bytes after the end of the inner archive')
  }

  async #next(): Promise<boolean> {
    const next = await this.#chunks.next()
    if (next.done === true) return false
    this.#chunk = next.value
    return true
  }
}
