import { CryptoFailure } from '../../crypto/index.ts'

/** Work done one at a time, in the order it was asked for. */
export interface CallQueue {
  /**
   * Runs `job` when those before it have ended. When the signal fires the caller is answered `cancelled` at once: a job
   * that still waits is dropped, one that runs keeps its place until it ends, and its result is refused.
   */
  add<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** A job is running. */
  readonly busy: boolean
}

export function callQueue(): CallQueue {
  let tail: Promise<unknown> = Promise.resolve()
  let running = 0
  return {
    get busy() {
      return running > 0
    },
    add(job, signal) {
      const result = tail.then(async () => {
        if (signal?.aborted === true) throw cancelled()
        running += 1
        try {
          return await job()
        } finally {
          running -= 1
        }
      })
      tail = result.catch(() => undefined)
      return signal === undefined ? result : orCancelled(result, signal)
    },
  }
}

function orCancelled<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(cancelled())
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    void result.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function cancelled(): CryptoFailure {
  return new CryptoFailure('cancelled', 'stopped at the request of the caller')
}
