import type { Task } from './protocol.ts'

/** How a run is watched and stopped. */
export interface RunControl {
  readonly signal?: AbortSignal | undefined
  /**
   * Told now and then, and at the end, how many bytes of the run are done; never fewer than before. A run that does two
   * things tells both: what is digested, and what is sealed. What it throws ends the run.
   */
  readonly onProgress?: ((done: number, otherDone: number) => void) | undefined
}

/**
 * Threads that do the bulk work of sealing, verifying and opening, chunk by chunk and side by side. Whoever has none works
 * on the calling thread, with the same outcome byte for byte.
 */
export interface Pipeline {
  /** Jobs of fewer bytes are not worth the threads. */
  readonly smallest: number
  /** How many threads there are. */
  readonly threads: number
  /** Starts the threads, so that they are ready when the first run comes. */
  warm(): void
  /**
   * Has all threads work on a task until it is done. Several runs may be under way; a thread takes them in the order they
   * were given, and goes on to the next when nothing of the first is left to begin. Settles only when no thread touches the
   * task's files and memory any more. Throws what the task's kind throws, `cancelled`, and `internal` when a thread dies.
   */
  run(task: Task, control?: RunControl): Promise<void>
  /** Ends the threads. The next run starts new ones. */
  close(): Promise<void>
}
