import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { JobProgress } from '../../components/job-progress.tsx'
import { jobs, type SeenJob } from '../../stores/jobs.ts'
import { remainingOf, speedOf } from '../../stores/stage-times.ts'
import { runningStage, stageLines } from './job-lines.ts'

/** The progress of a job, while it runs and as a record afterwards. */
export function JobPanel(props: {
  readonly title: string
  readonly seen: SeenJob
  readonly confirmed?: boolean
  readonly note?: ReactNode
}): ReactNode {
  const { cancel } = useStore(jobs)
  const { job } = props.seen
  const running = runningStage(props.seen)
  return (
    <JobProgress
      title={props.title}
      state={job.state}
      stages={stageLines(props.seen)}
      speed={running === null ? null : speedOf(running)}
      remaining={running === null ? null : remainingOf(running)}
      confirmed={props.confirmed ?? false}
      note={props.note}
      onCancel={() => void cancel(job.job)}
    />
  )
}
