import { CryptoFailure } from '../errors.ts'
import type { BulkSuite } from '../suite.ts'
import type { Board } from './board.ts'
import { digestSize, type DigestTask } from './protocol.ts'
import { closeFile, fileSize, openFile, readFully } from './sync-files.ts'

/** Bytes read of a document at a time: what has been read is digested out of the core's own cache. */
const pieceSize = 128 * 1024

/** One thread's share of a {@link DigestTask}. */
export function digestFiles({ documents, groups, digests }: DigestTask, suite: BulkSuite, board: Board): void {
  const found = new Uint8Array(digests)
  const memory = new Uint8Array(pieceSize * Math.max(1, ...groups.map(({ length }) => length)))
  try {
    for (let unit = board.claim(groups.length); unit !== null; unit = board.claim(groups.length)) {
      const group = groups[unit] ?? []
      const members = group.flatMap(place => documents[place] ?? [])
      const results = digestGroup(members, suite, board, memory)
      for (const [index, place] of group.entries()) found.set(results[index] ?? [], place * digestSize)
    }
  } finally {
    memory.fill(0)
  }
}

function digestGroup(
  group: DigestTask['documents'],
  suite: BulkSuite,
  board: Board,
  memory: Uint8Array,
): readonly Uint8Array[] {
  const running = suite.createDigestGroup(group.length)
  const open: { readonly descriptor: number; readonly size: number; readonly memory: Uint8Array }[] = []
  try {
    for (const [index, { path, size }] of group.entries()) {
      const { descriptor, size: now } = openFile(path)
      open.push({ descriptor, size, memory: memory.subarray(index * pieceSize, (index + 1) * pieceSize) })
      if (now !== size) throw changed()
    }
    const longest = Math.max(...group.map(({ size }) => size))
    for (let offset = 0; offset < longest; offset += pieceSize) {
      board.throwIfStopped()
      const pieces = open.map(file => {
        if (offset >= file.size) return undefined
        const piece = file.memory.subarray(0, Math.min(pieceSize, file.size - offset))
        readFully(file.descriptor, piece, offset)
        return piece
      })
      running.update(pieces)
      board.count(pieces.reduce((sum, piece) => sum + (piece?.length ?? 0), 0))
    }
    if (open.some(file => fileSize(file.descriptor) !== file.size)) throw changed()
    return running.digests()
  } finally {
    for (const { descriptor } of open) closeFile(descriptor)
  }
}

function changed(): CryptoFailure {
  return new CryptoFailure('input.changed', 'a document has another length now')
}
