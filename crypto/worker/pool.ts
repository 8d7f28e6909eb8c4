import { availableParallelism, cpus } from 'node:os'
import { CryptoFailure, throwIfCancelled } from '../errors.ts'
import { type Board, newBoard, openBoard } from './board.ts'
import type { Pipeline, RunControl } from './pipeline.ts'
import type { Left, Task } from './protocol.ts'
import { startThread, type Thread } from './threads.ts'

/** How a pipeline is set up. */
export interface PipelineOptions {
  /** Path of the built program of a thread. */
  readonly program: string
  /** One a core and at most {@link mostThreads}, unless told otherwise. */
  readonly threads?: number
  /** Jobs of fewer bytes stay on the calling thread. */
  readonly smallest?: number
  /** Milliseconds without a run after which the threads end. */
  readonly idleAfter?: number
}

const mostThreads = 4
const defaultSmallest = 4 * 2 ** 20
const defaultIdleAfter = 10_000
/** Milliseconds between two looks at how far a run has come. */
const lookEvery = 80

/** A pipeline of worker threads, started when they are first wanted. */
export function createPipeline(options: PipelineOptions): Pipeline {
  return new Pool(options)
}

interface Run {
  readonly board: Board
  readonly members: Set<Thread>
  failure: CryptoFailure | null
  readonly settled: () => void
}

class Pool implements Pipeline {
  readonly smallest: number
  readonly threads: number
  readonly #program: string
  readonly #idleAfter: number
  readonly #runs = new Map<number, Run>()
  #threads: Thread[] = []
  #runNumber = 0
  #idle: NodeJS.Timeout | undefined

  constructor({ program, threads = defaultThreads(), smallest = defaultSmallest, idleAfter }: PipelineOptions) {
    this.smallest = smallest
    this.#program = program
    this.threads = threads
    this.#idleAfter = idleAfter ?? defaultIdleAfter
  }

  warm(): void {
    clearTimeout(this.#idle)
    const events = {
      left: (thread: Thread, left: Left) => this.#left(thread, left),
      died: (thread: Thread, reason: string) => this.#died(thread, reason),
    }
    while (this.#threads.length < this.threads) this.#threads.push(startThread(this.#program, events))
    this.#endWhenIdle()
  }

  async run(task: Task, { signal, onProgress }: RunControl = {}): Promise<void> {
    throwIfCancelled(signal)
    this.warm()
    const number = (this.#runNumber += 1)
    const shared = newBoard(task.kind === 'seal' ? task.first : 0)
    const board = openBoard(shared)
    const stop = (): void => board.stop()
    signal?.addEventListener('abort', stop)
    const watching = watch(board, onProgress)
    const looking = setInterval(() => watching.look(), lookEvery)
    looking.unref()
    try {
      const run = await new Promise<Run>(resolve => {
        const run: Run = { board, members: new Set(this.#threads), failure: null, settled: () => resolve(run) }
        this.#runs.set(number, run)
        for (const [place, thread] of this.#threads.entries()) thread.give({ run: number, task, board: shared, place })
      })
      if (run.failure !== null && run.failure.code !== 'cancelled') throw run.failure
      if (run.failure === null) watching.look()
      watching.rethrow()
      if (run.failure !== null) throw run.failure
      throwIfCancelled(signal)
    } finally {
      clearInterval(looking)
      signal?.removeEventListener('abort', stop)
      this.#runs.delete(number)
      this.#endWhenIdle()
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const threads = this.#threads
    this.#threads = []
    await Promise.all(threads.map(thread => thread.end()))
    for (const thread of threads) this.#abandon(thread, 'the pipeline was closed')
  }

  #left(thread: Thread, { run: number, failure }: Left): void {
    const run = this.#runs.get(number)
    if (run === undefined) return
    if (failure !== null) fail(run, new CryptoFailure(failure.code, failure.detail))
    leave(run, thread)
  }

  #died(thread: Thread, reason: string): void {
    this.#threads = this.#threads.filter(each => each !== thread)
    this.#abandon(thread, `a worker thread ended (${reason})`)
  }

  /** A thread that is gone touches nothing any more, so it counts as having left. */
  #abandon(thread: Thread, detail: string): void {
    for (const number of thread.runs) {
      const run = this.#runs.get(number)
      if (run === undefined) continue
      fail(run, new CryptoFailure('internal', detail))
      run.board.stop()
      leave(run, thread)
    }
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle)
    if (this.#runs.size > 0) return
    this.#idle = setTimeout(() => {
      if (this.#runs.size === 0) void this.close()
    }, this.#idleAfter)
    this.#idle.unref()
  }
}

/** Hands on how far a run has come; what the listener throws stops the run and waits for its end. */
function watch(board: Board, onProgress: RunControl['onProgress']): { look(): void; rethrow(): void } {
  const thrown: unknown[] = []
  return {
    look() {
      if (thrown.length > 0) return
      try {
        onProgress?.(board.done)
      } catch (error) {
        thrown.push(error)
        board.stop()
      }
    },
    rethrow() {
      if (thrown.length > 0) throw thrown[0]
    },
  }
}

/** Whoever is stopped says so as well; only what stopped it counts. */
function fail(run: Run, failure: CryptoFailure): void {
  if (run.failure === null || (run.failure.code === 'cancelled' && failure.code !== 'cancelled')) run.failure = failure
}

function leave(run: Run, thread: Thread): void {
  run.members.delete(thread)
  if (run.members.size === 0) run.settled()
}

function defaultThreads(): number {
  // Absent in the older runtime.
  const cores = typeof availableParallelism === 'function' ? availableParallelism() : cpus().length
  return Math.max(1, Math.min(mostThreads, cores))
}
