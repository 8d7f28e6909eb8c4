import type { AttemptLimits } from './attempt.ts'
import { cancelled } from './attempt.ts'

/**
 * Waits, but no longer than until the computer wakes up or gets another network: what failed before may succeed then.
 * Throws `cancelled`.
 */
export function waitOnLine(milliseconds: number, { signal, line }: AttemptLimits): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(cancelled(signal))
      return
    }
    const end = (): void => {
      clearTimeout(timer)
      leave()
      signal?.removeEventListener('abort', stop)
    }
    const go = (): void => {
      end()
      resolve()
    }
    const stop = (): void => {
      end()
      reject(cancelled(signal))
    }
    const timer = setTimeout(go, milliseconds)
    const leave = line.onEvent(go)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
