/** Lets one piece of work at a time touch what a key names; others wait their turn. Not reentrant. */
export interface KeyedLock {
  run<T>(key: string, work: () => Promise<T>): Promise<T>
  /** Beside others that share the key, never beside one that runs alone; each after those that came before. */
  share<T>(key: string, work: () => Promise<T>): Promise<T>
}

/** Who uses a key now, and who waits, in the order they came. */
interface Line {
  sharing: number
  alone: boolean
  readonly waiting: { readonly shared: boolean; readonly begin: () => void }[]
}

/** A lock inside this process. */
export function keyedLock(): KeyedLock {
  const lines = new Map<string, Line>()

  const admit = (key: string, line: Line): void => {
    for (let next = line.waiting[0]; next !== undefined; next = line.waiting[0]) {
      if (line.alone || (!next.shared && line.sharing > 0)) return
      line.waiting.shift()
      if (next.shared) line.sharing += 1
      else line.alone = true
      next.begin()
    }
    if (line.sharing === 0 && !line.alone) lines.delete(key)
  }
  const enter = async <T>(key: string, shared: boolean, work: () => Promise<T>): Promise<T> => {
    const line = lines.get(key) ?? { sharing: 0, alone: false, waiting: [] }
    lines.set(key, line)
    await new Promise<void>(begin => {
      line.waiting.push({ shared, begin })
      admit(key, line)
    })
    try {
      return await work()
    } finally {
      if (shared) line.sharing -= 1
      else line.alone = false
      admit(key, line)
    }
  }
  return { run: (key, work) => enter(key, false, work), share: (key, work) => enter(key, true, work) }
}
