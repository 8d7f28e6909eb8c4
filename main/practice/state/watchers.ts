/**
 * Who waits for something to change at an opening. `notify` is called after a change is durable; it only says that there
 * is one. Whoever watches looks for himself, so that a burst of changes costs him one look.
 */
export interface Watchers {
  /** Tells everybody who watches an opening that something about it has changed. Never throws, never waits. */
  notify(openingId: string): void
  /** Calls `changed` after changes until the returned function is called; several changes may come as one call. */
  watch(openingId: string, changed: () => void): () => void
}

/** At most one call a watcher in so many milliseconds. */
const pause = 100

/** Watchers inside this process; nothing of them outlives it, since what they see is read anew each time. */
export function openWatchers(): Watchers {
  const watching = new Map<string, Set<() => void>>()
  const due = new Map<string, { again: boolean }>()

  const tell = (openingId: string): void => {
    for (const changed of [...(watching.get(openingId) ?? [])]) changed()
  }
  const rest = (openingId: string): void => {
    const turn = { again: false }
    due.set(openingId, turn)
    setTimeout(() => {
      due.delete(openingId)
      if (!turn.again) return
      rest(openingId)
      tell(openingId)
    }, pause).unref()
  }

  return {
    notify(openingId) {
      if (!watching.has(openingId)) return
      const turn = due.get(openingId)
      if (turn !== undefined) {
        turn.again = true
        return
      }
      rest(openingId)
      // Not within the caller's own work, which may hold a lock.
      setImmediate(tell, openingId)
    },
    watch(openingId, changed) {
      const those = watching.get(openingId) ?? new Set()
      watching.set(openingId, those.add(changed))
      return () => {
        those.delete(changed)
        if (those.size === 0 && watching.get(openingId) === those) watching.delete(openingId)
      }
    },
  }
}
