import type { JobControl } from '../../../crypto/index.ts'
import { throwIfCancelled } from '../../../crypto/index.ts'

/** Something to be timed. */
export interface Contestant {
  readonly name: string
  /** Does it once and answers the seconds it took, without what is not part of it; null where it can't be done here. */
  run(): Promise<number | null>
}

/** Something else that was timed in the same rounds. */
export interface Reference {
  readonly name: string
  /** Median; null where it is not there. */
  readonly seconds: number | null
  /** Ours by theirs, the median over the rounds; null where it is not there. */
  readonly ratio: number | null
}

/** What came of a benchmark (the command line prints it with these names). */
export interface BenchResult {
  readonly what: 'seal' | 'hash'
  readonly suite: string
  readonly sizeMiB: number
  /** Medians. */
  readonly seconds: number
  readonly mibPerSecond: number
  /** The most memory this process has held so far. */
  readonly peakMiB: number
  readonly runs: number
  readonly references: readonly Reference[]
}

/**
 * Runs all in turns, round after round, so that what else the machine does falls on all alike; a first round warms up and
 * is not counted. Throws what they throw, `cancelled`.
 */
export async function interleaved(
  ours: Contestant,
  others: readonly Contestant[],
  runs: number,
  control: JobControl,
): Promise<{ readonly seconds: number; readonly references: readonly Reference[] }> {
  const all = [ours, ...others]
  const rounds: (number | null)[][] = []
  for (let round = 0; round <= runs; round += 1) {
    const times: (number | null)[] = []
    for (const contestant of all) {
      throwIfCancelled(control.signal)
      times.push(await contestant.run())
    }
    if (round > 0) rounds.push(times)
  }
  const timesOf = (index: number): readonly (number | null)[] => rounds.map(times => times[index] ?? null)
  const own = timesOf(0)
  return {
    seconds: median(own) ?? Number.NaN,
    references: others.map(({ name }, index) => {
      const theirs = timesOf(index + 1)
      const ratios = theirs.map((time, round) => (time === null ? null : (own[round] ?? Number.NaN) / time))
      return { name, seconds: rounded(median(theirs)), ratio: rounded(median(ratios)) }
    }),
  }
}

/** The middle value; of an even number the upper one. Null where one is missing, or there is none. */
export function median(values: readonly (number | null)[]): number | null {
  const present = values.filter(value => value !== null).sort((a, b) => a - b)
  return present.length < values.length ? null : (present[Math.floor(present.length / 2)] ?? null)
}

/** Puts a result together. */
export function benchResult(
  job: Pick<BenchResult, 'what' | 'suite' | 'sizeMiB' | 'runs'>,
  { seconds, references }: { readonly seconds: number; readonly references: readonly Reference[] },
): BenchResult {
  return {
    ...job,
    seconds: rounded(seconds),
    mibPerSecond: Math.round(job.sizeMiB / seconds),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    references,
  }
}

/** Seconds of a piece of work. */
export async function timed(work: () => void | Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

function rounded<T extends number | null>(value: T): T {
  return (value === null ? null : Number(value.toPrecision(4))) as T
}
