import { availableParallelism, cpus } from 'node:os'
import { throwIfCancelled } from '../errors.ts'
import type { Pipeline, RunControl } from './pipeline.ts'
import type { Left, Task } from './protocol.ts'
import { type Run, startRun } from './run.ts'
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

/** A pipeline of worker threads, started when they are first wanted. */
export function createPipeline(options: PipelineOptions): Pipeline {
  return new Pool(options)
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
      left: (thread: Thread, { run, failure }: Left) => this.#runs.get(run)?.left(thread, failure),
      died: (thread: Thread, reason: string) => this.#died(thread, reason),
    }
    while (this.#threads.length < this.threads) this.#threads.push(startThread(this.#program, events))
    this.#endWhenIdle()
  }

  async run(task: Task, control: RunControl = {}): Promise<void> {
    throwIfCancelled(control.signal)
    this.warm()
    const number = (this.#runNumber += 1)
    const run = startRun(number, [...this.#threads], task, control)
    this.#runs.set(number, run)
    try {
      await run.end
    } finally {
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

  #died(thread: Thread, reason: string): void {
    this.#threads = this.#threads.filter(each => each !== thread)
    this.#abandon(thread, `a worker thread ended (${reason})`)
  }

  /** A thread that is gone touches nothing any more, so it counts as having left. */
  #abandon(thread: Thread, detail: string): void {
    for (const number of thread.runs) this.#runs.get(number)?.left(thread, { code: 'internal', detail })
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

function defaultThreads(): number {
  // Absent in the older runtime.
  const cores = typeof availableParallelism === 'function' ? availableParallelism() : cpus().length
  return Math.max(1, Math.min(mostThreads, cores))
}
