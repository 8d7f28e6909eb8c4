/** A signal that fires when the first of several does. `release` lets go of them. */
export function oneSignal(signals: readonly (AbortSignal | undefined)[]): {
  readonly signal: AbortSignal
  release(): void
} {
  const controller = new AbortController()
  const given = signals.filter(signal => signal !== undefined)
  const stop = (): void => {
    controller.abort()
  }
  for (const signal of given) {
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  }
  return {
    signal: controller.signal,
    release() {
      for (const signal of given) signal.removeEventListener('abort', stop)
    },
  }
}
