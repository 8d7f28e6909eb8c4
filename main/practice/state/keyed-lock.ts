/** Lets one piece of work at a time touch what a key names; others wait their turn. Not reentrant. */
export interface KeyedLock {
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

/** A lock inside this process. */
export function keyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run(key, work) {
      const turn = (tails.get(key) ?? Promise.resolve()).then(work, work)
      const tail = turn.then(nothing, nothing).then(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
      tails.set(key, tail)
      return turn
    },
  }
}

function nothing(): void {
  // How the work ended is the business of whoever asked for it.
}
