import type { Pipeline, RunControl } from './pipeline.ts'
import type { Task } from './protocol.ts'

/** Runs that belong to one job: they fail and end together. */
export interface RunGroup {
  /** As {@link Pipeline.run}; throws the first failure of any run of the group. May be left unawaited. */
  run(task: Task, onProgress?: RunControl['onProgress']): Promise<void>
  /** Stops what is under way and waits until no thread touches the job's files and memory any more. Never throws. */
  end(): Promise<void>
}

/** Begins a group; `signal` cancels it. The caller ends it whatever happens. */
export function groupRuns(pipeline: Pipeline, signal: AbortSignal | undefined): RunGroup {
  const own = new AbortController()
  const cancel = (): void => own.abort()
  if (signal?.aborted === true) cancel()
  signal?.addEventListener('abort', cancel)
  const failures: unknown[] = []
  const settled: Promise<void>[] = []
  return {
    run(task, onProgress) {
      const run = pipeline.run(task, { signal: own.signal, onProgress }).catch((error: unknown) => {
        failures.push(error)
        own.abort()
        throw failures[0]
      })
      settled.push(run.catch(() => undefined))
      return run
    },
    async end() {
      own.abort()
      await Promise.all(settled)
      signal?.removeEventListener('abort', cancel)
    },
  }
}

/** Turns totals into what has been added since the last one. */
export function increments(use: (added: number) => void): (total: number) => void {
  let before = 0
  return total => {
    const added = total - before
    before = total
    if (added > 0) use(added)
  }
}
