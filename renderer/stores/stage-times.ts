import type { JobView } from '../../main/contract/views.ts'

/** One stage of a job as it was seen: when it began and last moved, and how far it came. */
export interface StageTime {
  readonly stage: string
  readonly startedAt: number
  readonly movedAt: number
  /** Bytes that were done when the stage was first seen: a resumed upload begins with what was there before. */
  readonly startedWith: number
  readonly done: number
  readonly total: number
}

/** Adds what was just seen of a job to what was seen before. Times in milliseconds of one monotonic clock. */
export function stageTimes(before: readonly StageTime[], job: JobView, now: number): readonly StageTime[] {
  const last = before.at(-1)
  if (job.state !== 'running') {
    return last === undefined ? before : [...before.slice(0, -1), { ...last, movedAt: now }]
  }
  if (job.stage === null) return before
  const { stage, done, total } = job
  if (last?.stage === stage) return [...before.slice(0, -1), { ...last, movedAt: now, done, total }]
  const ended = last === undefined ? [] : [...before.slice(0, -1), { ...last, movedAt: now }]
  return [...ended, { stage, startedAt: now, movedAt: now, startedWith: done, done, total }]
}

/** Bytes a second, over the whole of the stage; null while too little was seen to say. */
export function speedOf({ startedAt, movedAt, startedWith, done }: StageTime): number | null {
  const elapsed = movedAt - startedAt
  const moved = done - startedWith
  return elapsed < 500 || moved <= 0 ? null : (moved / elapsed) * 1000
}

/** Milliseconds the stage still needs at its speed; null while that can't be said. */
export function remainingOf(stage: StageTime): number | null {
  const speed = speedOf(stage)
  return speed === null ? null : ((stage.total - stage.done) / speed) * 1000
}
