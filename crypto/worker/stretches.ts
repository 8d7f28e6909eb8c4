/** A run of things laid end to end, asked for by the bytes they take. */
export interface Stretches<T> {
  /**
   * Hands every thing that has bytes within `length` bytes from `offset` to `use`, in order: the thing, the offset within
   * it, the offset within the range, and how many bytes.
   */
  within(offset: number, length: number, use: (thing: T, from: number, at: number, count: number) => void): void
}

/** Lays things out one after the other. */
export function layOut<T>(things: readonly T[], lengthOf: (thing: T) => number): Stretches<T> {
  const starts: number[] = []
  let total = 0
  for (const thing of things) {
    starts.push(total)
    total += lengthOf(thing)
  }
  const startOf = (index: number): number => starts[index] ?? total
  /** The last thing that begins at or before `offset`. */
  const indexAt = (offset: number): number => {
    let low = 0
    for (let high = things.length; high - low > 1;) {
      const middle = (low + high) >> 1
      if (startOf(middle) <= offset) low = middle
      else high = middle
    }
    return low
  }
  return {
    within(offset, length, use) {
      for (let index = indexAt(offset); index < things.length && startOf(index) < offset + length; index += 1) {
        const from = Math.max(offset, startOf(index))
        const count = Math.min(offset + length, startOf(index + 1)) - from
        const thing = things[index]
        if (count > 0 && thing !== undefined) use(thing, from - startOf(index), from - offset, count)
      }
    },
  }
}
