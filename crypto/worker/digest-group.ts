import { CryptoFailure } from '../errors.ts'
import type { BulkSuite } from '../suite.ts'
import type { Board } from './board.ts'
import { closeFile, fileSize, openFile, readFully } from './sync-files.ts'

/** Bytes read of a document at a time: what has been read is digested out of the core's own cache. */
export const pieceSize = 128 * 1024

/** A document of a group, and where its bytes go when they are read for their digest. */
export interface Lane {
  readonly path: string
  readonly size: number
  /** Asked for the memory of the bytes from `offset` on: at least one, at most {@link pieceSize} are then read into it. */
  memory(offset: number): Uint8Array
  /** Told what has been read and digested; the memory is its own again. */
  took?(offset: number, length: number): void
}

/** Digests a group of documents at once, in pieces. Throws `input.*`, `cancelled`, and what a lane throws. */
export function digestGroup(lanes: readonly Lane[], suite: BulkSuite, board: Board): readonly Uint8Array[] {
  const running = suite.createDigestGroup(lanes.length)
  const open: { readonly lane: Lane; readonly descriptor: number }[] = []
  try {
    for (const lane of lanes) {
      const { descriptor, size } = openFile(lane.path)
      open.push({ lane, descriptor })
      if (size !== lane.size) throw changed()
    }
    const longest = Math.max(...lanes.map(({ size }) => size))
    for (let offset = 0, step = 0; offset < longest; offset += step) {
      board.throwIfStopped()
      const rooms = lanes.map(lane => (offset < lane.size ? lane.memory(offset) : null))
      // All lanes go on by the same length: that is when the digests are fastest.
      step = rooms.reduce((least, room) => Math.min(least, room?.length ?? pieceSize), pieceSize)
      const pieces = open.map(({ lane, descriptor }, index) => {
        const piece = rooms[index]?.subarray(0, Math.min(step, lane.size - offset))
        if (piece !== undefined) readFully(descriptor, piece, offset)
        return piece
      })
      running.update(pieces)
      for (const [index, piece] of pieces.entries()) {
        if (piece === undefined) continue
        board.count(piece.length)
        lanes[index]?.took?.(offset, piece.length)
      }
    }
    if (open.some(({ lane, descriptor }) => fileSize(descriptor) !== lane.size)) throw changed()
    return running.digests()
  } finally {
    for (const { descriptor } of open) closeFile(descriptor)
  }
}

function changed(): CryptoFailure {
  return new CryptoFailure('input.changed', 'a document has another length now')
}
