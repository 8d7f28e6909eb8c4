import { Button, Progress } from 'antd'
import type { ReactNode } from 'react'
import type { JobView } from '../../main/contract/views.ts'
import { duration, size, useLanguage, useText, type TextKey } from '../messages/index.ts'
import { Icon } from './icons.tsx'

/** One stage of a job as it is shown. */
export interface StageLine {
  readonly name: StageName
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  /** What was seen of it, where bytes move. */
  readonly bytes: { readonly done: number; readonly total: number } | null
  /** Milliseconds it took, or has taken. */
  readonly took: number | null
}

/** The stages people know. */
export type StageName = keyof typeof stageKeys

/** A job: its stages with bytes and time, readable after it has ended, as a record. */
export function JobProgress(props: {
  readonly title: string
  readonly state: JobView['state']
  readonly stages: readonly StageLine[]
  /** Bytes a second and milliseconds left of the running stage; null where they can't be said. */
  readonly speed: number | null
  readonly remaining: number | null
  /** The bytes are what the server has confirmed. */
  readonly confirmed?: boolean
  readonly note?: ReactNode
  readonly onCancel?: (() => void) | undefined
}): ReactNode {
  const text = useText()
  const language = useLanguage()
  const running = props.stages.find(({ state }) => state === 'running')
  const pace = [
    props.speed === null ? null : text('jobs.speed', { speed: size(props.speed) }),
    props.remaining === null ? null : text('jobs.remaining', { time: duration(props.remaining, language) }),
  ].filter(part => part !== null)
  return (
    <div className="job" data-testid="job-progress">
      <div className="job-head">
        <h2>{props.title}</h2>
        <span
          className={`job-state job-state-${props.state}`}
          data-testid="job-state"
          data-state={props.state}
          aria-live="polite"
        >
          {text(`jobs.state.${props.state}`)}
        </span>
        {props.state === 'running' && props.onCancel !== undefined && (
          <Button size="small" onClick={props.onCancel} data-testid="action-job.cancel">
            {text('jobs.stop')}
          </Button>
        )}
      </div>
      <ol className="stages">
        {props.stages.map(stage => (
          <StageRow key={stage.name} stage={stage} confirmed={props.confirmed === true} />
        ))}
      </ol>
      {running !== undefined && pace.length > 0 && <p className="job-pace">{pace.join(' · ')}</p>}
      {props.note}
    </div>
  )
}

function StageRow({ stage, confirmed }: { readonly stage: StageLine; readonly confirmed: boolean }): ReactNode {
  const text = useText()
  const language = useLanguage()
  const { name, state, bytes, took } = stage
  const amount = bytes === null || bytes.total === 0 ? null : { done: size(bytes.done), total: size(bytes.total) }
  const percent = bytes === null || bytes.total === 0 ? 0 : Math.floor((bytes.done / bytes.total) * 100)
  return (
    <li className={`stage stage-${state}`} data-stage={name} data-state={state}>
      <Icon
        name={state === 'done' ? 'done' : state === 'failed' ? 'attention' : state === 'running' ? 'clock' : 'todo'}
      />
      <span className="stage-name">{text(stageKeys[name])}</span>
      <span className="stage-state">{text(`jobs.stageState.${state}`)}</span>
      <span className="stage-bytes">
        {amount !== null && text(confirmed && name === 'upload' ? 'jobs.confirmedBytes' : 'jobs.bytes', amount)}
      </span>
      <span className="stage-time">
        {took !== null && state !== 'waiting' && text('jobs.took', { time: duration(took, language) })}
      </span>
      {state === 'running' && amount !== null && (
        <Progress
          className="stage-bar"
          percent={percent}
          showInfo={false}
          size="small"
          aria-label={text(stageKeys[name])}
        />
      )}
    </li>
  )
}

const stageKeys = {
  sign: 'jobs.stage.sign',
  encrypt: 'jobs.stage.encrypt',
  trial: 'jobs.stage.trial',
  write: 'jobs.stage.write',
  verify: 'jobs.stage.verify',
  authorise: 'jobs.stage.authorise',
  upload: 'jobs.stage.upload',
  receipt: 'jobs.stage.receipt',
  challenge: 'jobs.stage.challenge',
  release: 'jobs.stage.release',
  record: 'jobs.stage.record',
  withdraw: 'jobs.stage.withdraw',
} as const satisfies Record<string, TextKey>
