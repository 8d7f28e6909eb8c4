import { Worker } from 'node:worker_threads'
import type { Left, Order } from './protocol.ts'

/** One thread of a pipeline. */
export interface Thread {
  /** The runs it has been given and has not left. */
  readonly runs: ReadonlySet<number>
  give(order: Order): void
  end(): Promise<void>
}

/** What a thread says. */
export interface ThreadEvents {
  left(thread: Thread, left: Left): void
  /** It ended without being asked to; it will never leave its runs. */
  died(thread: Thread, reason: string): void
}

/** A thread works in a few buffers that lie outside its heap; what it has in it is small and short-lived. */
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128, stackSizeMb: 2 }

/** Starts the built program of a thread (`crypto/worker/main.ts`). It keeps no process alive while it has nothing to do. */
export function startThread(program: string, events: ThreadEvents): Thread {
  const runs = new Set<number>()
  const worker = new Worker(program, { env: {}, execArgv: [], argv: [], stdin: false, resourceLimits })
  let alive = true
  const thread: Thread = {
    runs,
    give(order) {
      runs.add(order.run)
      worker.ref()
      worker.postMessage(order)
    },
    async end() {
      alive = false
      await worker.terminate()
    },
  }
  const died = (reason: string): void => {
    if (alive) events.died(thread, reason)
    alive = false
  }
  worker.unref()
  worker.on('message', (left: Left) => {
    runs.delete(left.run)
    if (runs.size === 0) worker.unref()
    events.left(thread, left)
  })
  worker.on('messageerror', () => died('it could not be understood'))
  worker.on('error', (error: Error) => died(error.name))
  worker.on('exit', code => died(`exit code ${code}`))
  return thread
}
