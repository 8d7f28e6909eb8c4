import { CryptoFailure } from '../errors.ts'
import { bulkSuiteById } from '../suites/bulk.ts'
import { type Board, openBoard } from './board.ts'
import { digestFiles } from './digest-files.ts'
import { openChunks } from './open-chunks.ts'
import type { Left, Order, Task } from './protocol.ts'
import { readChunkLeaves } from './read-leaves.ts'
import { sealChunks } from './seal-chunks.ts'
import { sealDocuments } from './seal-documents.ts'

/** Does a thread's share of a run; a failure stops the others as well. */
export function perform({ run, task, board: shared, place }: Order): Left {
  const board = openBoard(shared)
  if (!board.enter(place)) return { run, failure: null }
  try {
    work(task, board, place)
    return { run, failure: null }
  } catch (error) {
    board.stop()
    return { run, failure: failureOf(error) }
  }
}

function work(task: Task, board: Board, place: number): void {
  const suite = bulkSuiteById(task.suite)
  if (suite === null) throw new CryptoFailure('internal', 'a thread was asked for a suite it does not have')
  switch (task.kind) {
    case 'digest':
      digestFiles(task, suite, board)
      break
    case 'seal':
      sealChunks(task, suite, board)
      break
    case 'seal-documents':
      sealDocuments(task, suite, board)
      break
    case 'leaves':
      readChunkLeaves(task, suite, board)
      break
    case 'open':
      openChunks(task, suite, board, place === 0)
      break
  }
}

function failureOf(error: unknown): NonNullable<Left['failure']> {
  if (error instanceof CryptoFailure) return { code: error.code, detail: error.detail }
  return { code: 'internal', detail: `a worker thread failed (${error instanceof Error ? error.name : typeof error})` }
}
