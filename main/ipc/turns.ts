/**
 * Lets work on one thing run one after the other, in the order in which it was asked for; work on different things runs
 * side by side. Work that failed holds nobody up.
 */
export function makeTurns<K>(): <T>(about: K, work: () => Promise<T>) => Promise<T> {
  const last = new Map<K, Promise<unknown>>()
  return async (about, work) => {
    const before = last.get(about) ?? Promise.resolve()
    const own = before.then(work, work)
    last.set(about, own)
    try {
      return await own
    } finally {
      if (last.get(about) === own) last.delete(about)
    }
  }
}
