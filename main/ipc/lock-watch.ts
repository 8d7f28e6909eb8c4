import type { ModuleReference } from '../services/index.ts'

/** What was seen of one module: a text that changes when a lock comes or goes, or why it can't be looked into. */
export type Seen = { readonly seen: string } | { readonly failed: true }

export interface LockWatchOptions {
  readonly modules: () => readonly ModuleReference[]
  readonly look: (module: ModuleReference) => Promise<Seen>
  /** Locks that work are left alone. */
  readonly busy: () => boolean
  readonly onChange: () => void
  /** Milliseconds between two looks; two seconds unless told otherwise. */
  readonly every?: number
}

/** A module that failed is left alone for so many looks: a driver that hangs would be started again and again. */
const restAfterFailure = 30

/** Notices locks that are plugged in or pulled out. Answers how to stop watching. */
export function watchLocks({ modules, look, busy, onChange, every = 2_000 }: LockWatchOptions): () => void {
  const known = new Map<string, string>()
  const resting = new Map<string, number>()
  let timer: ReturnType<typeof setTimeout> | null = null
  let stopped = false

  async function lookAt(module: ModuleReference): Promise<boolean> {
    const key = `${module.kind}:${module.path}`
    const rest = resting.get(key) ?? 0
    if (rest > 0) {
      resting.set(key, rest - 1)
      return false
    }
    const found = await look(module)
    if ('failed' in found) {
      resting.set(key, restAfterFailure)
      return false
    }
    const before = known.get(key)
    known.set(key, found.seen)
    return before !== undefined && before !== found.seen
  }

  async function round(): Promise<void> {
    if (!busy()) {
      const changes = await Promise.all(modules().map(lookAt))
      if (!stopped && changes.includes(true)) onChange()
    }
    if (!stopped) timer = setTimeout(() => void round(), every)
  }

  timer = setTimeout(() => void round(), every)
  return () => {
    stopped = true
    if (timer !== null) clearTimeout(timer)
  }
}
