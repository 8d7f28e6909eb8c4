/** Answers true at most `times` within any `period` of milliseconds. `now` is a clock that never goes back. */
export function fewTimes(times: number, period: number, now: () => number): () => boolean {
  let spent: readonly number[] = []
  return () => {
    const at = now()
    spent = spent.filter(each => at - each < period)
    if (spent.length >= times) return false
    spent = [...spent, at]
    return true
  }
}
