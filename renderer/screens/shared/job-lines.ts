import type { JobKind } from '../../../main/contract/views.ts'
import type { StageLine, StageName } from '../../components/job-progress.tsx'
import type { SeenJob } from '../../stores/jobs.ts'
import type { StageTime } from '../../stores/stage-times.ts'

/** The stages of each job, in order, and the names main has for them. */
const stagesOf: Readonly<Record<Exclude<JobKind, 'rehearsal'>, readonly (readonly [StageName, readonly string[]])[]>> =
  {
    seal: [
      ['sign', ['digest', 'sign']],
      ['encrypt', ['seal', 'encrypt']],
      ['trial', ['trial', 'verify', 'open']],
      ['write', ['write', 'commit']],
    ],
    submit: [
      ['verify', ['digest', 'verify']],
      ['authorise', ['authorise', 'sign']],
      ['upload', ['upload']],
      ['receipt', ['receipt']],
    ],
    withdraw: [
      ['authorise', ['authorise', 'sign']],
      ['withdraw', ['withdraw', 'receipt']],
    ],
    release: [
      // Of an opening main tells what has been reached: what comes after it is what runs.
      ['challenge', ['digest', 'verify', 'sign']],
      ['release', ['signed-in', 'open']],
      ['record', ['released', 'recorded', 'confirmed']],
    ],
  }

/** A job as stages people know: which are done, which runs, what was seen of each. */
export function stageLines({ job, stages }: SeenJob): readonly StageLine[] {
  if (job.kind === 'rehearsal') return []
  const known = stagesOf[job.kind]
  const seen = known.map(([, names]) => stages.filter(({ stage }) => names.includes(stage)))
  // Main names only what takes time: a job without a stage yet is in its first.
  const reached = seen.reduce((last, times, index) => (times.length > 0 ? index : last), 0)
  return known.map(([name], index) => ({
    name,
    state: stateAt(index, reached, job.state),
    bytes: bytesOf(seen[index] ?? []),
    took: tookOf(seen[index] ?? []),
  }))
}

/** The stage that runs, for its speed; null when none does or it has no bytes. */
export function runningStage({ job, stages }: SeenJob): StageTime | null {
  const last = stages.at(-1)
  return job.state === 'running' && last !== undefined && last.total > 0 ? last : null
}

function stateAt(index: number, reached: number, state: SeenJob['job']['state']): StageLine['state'] {
  if (state === 'done' || index < reached) return 'done'
  if (index > reached) return 'waiting'
  return state === 'running' ? 'running' : 'failed'
}

function bytesOf(times: readonly StageTime[]): StageLine['bytes'] {
  const last = times.at(-1)
  return last === undefined || last.total === 0 ? null : { done: last.done, total: last.total }
}

function tookOf(times: readonly StageTime[]): number | null {
  const first = times[0]
  const last = times.at(-1)
  return first === undefined || last === undefined ? null : last.movedAt - first.startedAt
}
