import { AppFailure } from '../contract/failure.ts'
import type { LineWatch } from './line-watch.ts'

/** Something cut the request from this side, and not because of the request: the offset is asked again at once. */
export class LineCut extends AppFailure {
  constructor(detail: string) {
    super('platform.unreachable', detail)
  }
}

/** The limits of one request. */
export interface AttemptLimits {
  /** The caller's. */
  readonly signal: AbortSignal | undefined
  readonly line: LineWatch
}

/** What a request runs under. */
export interface Attempt {
  readonly signal: AbortSignal
  /** Gives it so many milliseconds from now on. */
  readonly within: (milliseconds: number) => void
}

/**
 * Runs one request under the caller's signal, a time limit that can be moved, and an eye on the line: after a sleep or on
 * another network its connection leads nowhere, and the system would take minutes to say so. Throws what the request throws,
 * `platform.unreachable` for the limits, `cancelled`.
 */
export async function attempt<T>({ signal, line }: AttemptLimits, work: (attempt: Attempt) => Promise<T>): Promise<T> {
  if (signal?.aborted) throw cancelled(signal)
  const own = new AbortController()
  const state: { cut: AppFailure | null } = { cut: null }
  let timer: NodeJS.Timeout | undefined
  const end = (failure: AppFailure): void => {
    state.cut ??= failure
    own.abort(failure)
  }
  const stop = (): void => end(cancelled(signal))
  signal?.addEventListener('abort', stop, { once: true })
  const leave = line.onEvent(event => {
    end(new LineCut(event === 'woke' ? 'the computer has slept' : 'the network has changed'))
  })
  try {
    return await work({
      signal: own.signal,
      within(milliseconds) {
        clearTimeout(timer)
        timer = setTimeout(() => {
          end(new AppFailure('platform.unreachable', 'no byte was taken or confirmed for too long'))
        }, milliseconds)
      },
    })
  } catch (error) {
    throw state.cut ?? error
  } finally {
    clearTimeout(timer)
    leave()
    signal?.removeEventListener('abort', stop)
  }
}

/** The failure of what its caller has stopped, the signal's reason as its cause. */
export function cancelled(signal: AbortSignal | undefined): AppFailure {
  return new AppFailure('cancelled', 'stopped at the request of the caller', { cause: signal?.reason })
}
