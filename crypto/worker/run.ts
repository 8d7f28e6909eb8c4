import { CryptoFailure, throwIfCancelled } from '../errors.ts'
import { newBoard, openBoard } from './board.ts'
import type { RunControl } from './pipeline.ts'
import type { Left, Task } from './protocol.ts'
import type { Thread } from './threads.ts'

/** A run under way. */
export interface Run {
  /** A thread has done its share, or failed. */
  left(thread: Thread, failure: Left['failure']): void
  /**
   * Settles when no thread touches the task's files and memory any more. Throws the first failure, what the listener has
   * thrown, `cancelled`.
   */
  readonly end: Promise<void>
}

/** Milliseconds between two looks at how far a run has come. */
const lookEvery = 80

/** Gives a task to all these threads. */
export function startRun(number: number, threads: readonly Thread[], task: Task, control: RunControl): Run {
  const { signal, onProgress } = control
  const shared = newBoard(task.kind === 'seal' ? task.first : 0, threads.length)
  const board = openBoard(shared)
  const members = new Set(threads)
  const failures: unknown[] = []
  let allLeft: () => void = () => undefined
  const settled = new Promise<void>(resolve => {
    allLeft = resolve
  })
  const leave = (thread: Thread): void => {
    members.delete(thread)
    if (members.size === 0) allLeft()
  }
  const stop = (): void => {
    board.stop()
    // A thread that is still busy with an earlier run need not be waited for: it will find the door shut.
    for (const [place, thread] of threads.entries()) if (board.bar(place)) leave(thread)
  }
  const fail = (failure: unknown): void => {
    failures.push(failure)
    stop()
  }
  const look = (): void => {
    if (failures.length > 0) return
    try {
      onProgress?.(board.done, board.otherDone)
    } catch (error) {
      fail(error)
    }
  }
  const finish = async (): Promise<void> => {
    await settled
    // Those who were stopped only say so.
    const causes = failures.filter(failure => !(failure instanceof CryptoFailure && failure.code === 'cancelled'))
    if (causes.length > 0) throw causes[0]
    throwIfCancelled(signal)
    look()
    if (failures.length > 0) throw failures[0]
  }
  const looking = setInterval(look, lookEvery)
  looking.unref()
  signal?.addEventListener('abort', stop)
  for (const [place, thread] of threads.entries()) thread.give({ run: number, task, board: shared, place })
  return {
    left(thread, failure) {
      if (failure !== null) fail(new CryptoFailure(failure.code, failure.detail))
      leave(thread)
    },
    end: finish().finally(() => {
      clearInterval(looking)
      signal?.removeEventListener('abort', stop)
    }),
  }
}
