import { createStore } from 'zustand/vanilla'
import type { JobId } from '../../main/contract/ids.ts'
import type { JobKind, JobView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, notAsking } from './attempt.ts'
import { replaced } from './replaced.ts'
import type { StageTime } from './stage-times.ts'
import { stageTimes } from './stage-times.ts'

/** A job with what was seen of it: the page's own times, in milliseconds of a clock that never jumps. */
export interface SeenJob {
  readonly job: JobView
  /** What it is about, where the page started it: a bid, a sealed bid. */
  readonly about: string | null
  readonly stages: readonly StageTime[]
}

export interface JobsState extends Asking {
  /** In the order in which they were first seen. */
  readonly jobs: readonly SeenJob[]
  readonly load: () => Promise<void>
  /** Takes what main says of a job. */
  readonly accept: (job: JobView) => void
  /** Remembers what a job that was just started is about. */
  readonly started: (job: JobId, about: string | null) => void
  readonly cancel: (job: JobId) => Promise<void>
}

/** The long jobs of this run, readable after they have ended. */
export const jobs = createStore<JobsState>()((set, get) => {
  const abouts = new Map<JobId, string | null>()

  function take(job: JobView): void {
    const before = get().jobs.find(each => each.job.job === job.job)
    const seen: SeenJob = {
      job,
      about: abouts.get(job.job) ?? null,
      stages: stageTimes(before?.stages ?? [], job, performance.now()),
    }
    set({ jobs: replaced(get().jobs, seen, each => each.job.job === job.job) })
  }

  return {
    ...notAsking,
    jobs: [],
    load: async () => {
      const listed = await attempt(set, () => call('job.list'))
      for (const job of listed ?? []) take(job)
    },
    accept: take,
    started: (job, about) => {
      abouts.set(job, about)
      set({ jobs: get().jobs.map(each => (each.job.job === job ? { ...each, about } : each)) })
    },
    cancel: async job => {
      await attempt(set, () => call('job.cancel', job))
    },
  }
})

/** The last job of a kind that is about something: by what the page started it for, or by the sealed bid it names. */
export function jobAbout({ jobs: seen }: JobsState, kind: JobKind, about: string | null): SeenJob | null {
  if (about === null) return null
  return seen.filter(({ job, about: own }) => job.kind === kind && (own === about || job.seal === about)).at(-1) ?? null
}

/** The last job of a kind, whatever it is about. */
export function lastJob({ jobs: seen }: JobsState, kind: JobKind): SeenJob | null {
  return seen.filter(({ job }) => job.kind === kind).at(-1) ?? null
}
