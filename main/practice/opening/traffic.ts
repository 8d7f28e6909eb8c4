/** How busy the platform is with what bidders wait for; work that can wait goes by it. */
export interface Traffic {
  /** Runs work that somebody waits for. */
  serve<T>(work: () => Promise<T>): Promise<T>
  readonly busy: boolean
  /** Resolves when nobody has waited for anything for a moment; at once where that is so. */
  quiet(): Promise<void>
  /** Calls back at every change, until the returned function is called. */
  watch(changed: (busy: boolean) => void): () => void
}

/** How long after the last answer it is quiet again, in milliseconds. */
const pause = 100

/** The traffic of this process. */
export function openTraffic(): Traffic {
  const watching = new Set<(busy: boolean) => void>()
  let serving = 0
  let busy = false
  let ending: NodeJS.Timeout | null = null
  const turn = (next: boolean): void => {
    if (busy === next) return
    busy = next
    for (const changed of [...watching]) changed(busy)
  }
  const watch: Traffic['watch'] = changed => {
    watching.add(changed)
    return () => watching.delete(changed)
  }
  return {
    watch,
    get busy() {
      return busy
    },
    async serve(work) {
      serving += 1
      if (ending !== null) clearTimeout(ending)
      ending = null
      turn(true)
      try {
        return await work()
      } finally {
        serving -= 1
        if (serving === 0) {
          ending = setTimeout(() => {
            ending = null
            turn(false)
          }, pause)
          ending.unref()
        }
      }
    },
    quiet() {
      if (!busy) return Promise.resolve()
      return new Promise(resolve => {
        const stop = watch(() => {
          stop()
          resolve()
        })
      })
    },
  }
}
