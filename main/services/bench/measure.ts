import type { JobControl } from '../../../crypto/index.ts'
import { throwIfCancelled } from '../../../crypto/index.ts'
import type { BenchSubject } from './subject.ts'

/** Something to be timed. */
export interface Contestant {
  readonly name: string
  /** Does it once and answers the seconds it took, without what is not part of it; null where it can't be done here. */
  run(control: Pick<JobControl, 'signal'>): Promise<number | null>
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
  readonly what: BenchSubject
  readonly suite: string
  /** 0 where no bytes are worked on. */
  readonly sizeMiB: number
  /** Median; of `sm2` seconds of one signature. */
  readonly seconds: number
  readonly mibPerSecond: number
  /** The most memory the process that did our part has held. */
  readonly peakMiB: number
  readonly runs: number
  readonly references: readonly Reference[]
  /** How late the event loop of the sealing process was, of a hundred looks a millisecond apart the second latest. */
  readonly loopDelayP99Ms?: number
  /** From the order to stop to the end of all threads, the longest of as many tries as there were rounds. */
  readonly cancelMs?: number
}

/** Seconds of ours, and of the others beside it. */
export interface Measured {
  readonly seconds: number
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
  control: Pick<JobControl, 'signal'>,
): Promise<Measured> {
  const all = [ours, ...others]
  const rounds: (number | null)[][] = []
  for (let round = 0; round <= runs; round += 1) {
    const times: (number | null)[] = []
    for (const contestant of all) {
      throwIfCancelled(control.signal)
      times.push(await contestant.run(control))
      throwIfCancelled(control.signal)
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

/** Runs what would disturb the others after them, as often, and holds it against our median. */
export async function afterwards(
  { seconds, references }: Measured,
  others: readonly Contestant[],
  runs: number,
  control: Pick<JobControl, 'signal'>,
): Promise<Measured> {
  const added: Reference[] = []
  for (const other of others) {
    const times: (number | null)[] = []
    for (let round = 0; round < runs; round += 1) {
      times.push(await other.run(control))
      throwIfCancelled(control.signal)
    }
    const theirs = median(times)
    added.push({
      name: other.name,
      seconds: rounded(theirs),
      ratio: rounded(theirs === null ? null : seconds / theirs),
    })
  }
  return { seconds, references: [...references, ...added] }
}

/** The middle value; of an even number the upper one. Null where one is missing, or there is none. */
export function median(values: readonly (number | null)[]): number | null {
  const present = values.filter(value => value !== null).sort((a, b) => a - b)
  return present.length < values.length ? null : (present[Math.floor(present.length / 2)] ?? null)
}

/** Puts a result together. */
export function benchResult(
  job: Pick<BenchResult, 'what' | 'suite' | 'sizeMiB' | 'runs'>,
  { seconds, references }: Measured,
  facts: Pick<BenchResult, 'peakMiB' | 'loopDelayP99Ms' | 'cancelMs'>,
): BenchResult {
  const { what, suite, sizeMiB, runs } = job
  return {
    ...{ what, suite, sizeMiB },
    seconds: rounded(seconds),
    mibPerSecond: Math.round(sizeMiB / seconds),
    peakMiB: Math.round(facts.peakMiB),
    ...{ runs, references },
    ...(facts.loopDelayP99Ms === undefined ? {} : { loopDelayP99Ms: rounded(facts.loopDelayP99Ms) }),
    ...(facts.cancelMs === undefined ? {} : { cancelMs: rounded(facts.cancelMs) }),
  }
}

function rounded<T extends number | null>(value: T): T {
  return (value === null ? null : Number(value.toPrecision(4))) as T
}
