import type { BulkSuite } from '../suite.ts'
import type { Board } from './board.ts'
import { digestGroup, pieceSize } from './digest-group.ts'
import { digestSize, type DigestTask } from './protocol.ts'

/** One thread's share of a {@link DigestTask}. */
export function digestFiles({ documents, groups, digests }: DigestTask, suite: BulkSuite, board: Board): void {
  const found = new Uint8Array(digests)
  const longestGroup = Math.max(1, ...groups.map(({ length }) => length))
  const memory = Array.from({ length: longestGroup }, () => new Uint8Array(pieceSize))
  try {
    for (let unit = board.claim(groups.length); unit !== null; unit = board.claim(groups.length)) {
      const group = groups[unit] ?? []
      const lanes = group.flatMap((place, index) => {
        const document = documents[place]
        const own = memory[index]
        return document === undefined || own === undefined ? [] : [{ ...document, memory: () => own }]
      })
      const results = digestGroup(lanes, suite, board)
      for (const [index, place] of group.entries()) found.set(results[index] ?? [], place * digestSize)
    }
  } finally {
    for (const own of memory) own.fill(0)
  }
}
