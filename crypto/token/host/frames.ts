import { CryptoFailure } from '../../errors.ts'

/** Longest body of one frame, in bytes. */
export const frameLimit = 1024 * 1024

const lengthBytes = 4

/** One frame: 4-byte big-endian length of the body, then the body. Throws `token.unsupported` over {@link frameLimit}. */
export function encodeFrame(body: Uint8Array): Uint8Array {
  if (body.length > frameLimit)
    throw new CryptoFailure('token.unsupported', 'a message of the token process is too long')
  const frame = new Uint8Array(lengthBytes + body.length)
  new DataView(frame.buffer).setUint32(0, body.length)
  frame.set(body, lengthBytes)
  return frame
}

/** Finds the frames in a byte stream that arrives in pieces of any size. */
export interface FrameReader {
  /**
   * The bodies that this piece completes, in order; they are copies. Throws `token.driver-crashed` for an empty or
   * overlong frame, after which the stream has lost its step and must be ended.
   */
  push(piece: Uint8Array): readonly Uint8Array[]
}

/** A reader at the beginning of a stream. Holds at most one frame and one piece. */
export function frameReader(): FrameReader {
  let pieces: Uint8Array[] = []
  let held = 0
  return {
    push(piece) {
      pieces.push(piece)
      held += piece.length
      // A frame in many small pieces must not be joined anew for each of them.
      if (held < lengthBytes || held < needed(pieces)) return []
      const bytes = join(pieces, held)
      const bodies: Uint8Array[] = []
      let start = 0
      while (bytes.length - start >= lengthBytes) {
        const end = start + lengthBytes + bodyLength(bytes.subarray(start))
        if (end > bytes.length) break
        bodies.push(bytes.slice(start + lengthBytes, end))
        start = end
      }
      pieces = start < bytes.length ? [bytes.slice(start)] : []
      held = bytes.length - start
      return bodies
    },
  }
}

function needed(pieces: Uint8Array[]): number {
  const first = pieces[0]
  if (first !== undefined && first.length >= lengthBytes) return lengthBytes + bodyLength(first)
  const joined = join(
    pieces,
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  )
  pieces.splice(0, pieces.length, joined)
  return lengthBytes + bodyLength(joined)
}

function bodyLength(bytes: Uint8Array): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  if (length === 0 || length > frameLimit) {
    throw new CryptoFailure('token.driver-crashed', 'the token process sent something that is not a message')
  }
  return length
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
