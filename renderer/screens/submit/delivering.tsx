import { Select } from 'antd'
import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { LockId, SealId } from '../../../main/contract/ids.ts'
import type { SealedBidView, TenderView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { Facts } from '../../components/facts.tsx'
import { LockSelect } from '../../components/lock-select.tsx'
import { Mark, ShortCode } from '../../components/marks.tsx'
import { Part, Screen } from '../../components/screen.tsx'
import { Sheet } from '../../components/sheet.tsx'
import { grouped, moment, size, useText } from '../../messages/index.ts'
import { jobAbout, jobs, type SeenJob } from '../../stores/jobs.ts'
import { locks, locksFor } from '../../stores/locks.ts'
import { sealed } from '../../stores/sealed.ts'
import { remainingOf } from '../../stores/stage-times.ts'
import { Failed } from '../shared/failed.tsx'
import { runningStage } from '../shared/job-lines.ts'
import { JobPanel } from '../shared/job-panel.tsx'
import { offeredLock } from '../shared/lock-choice.ts'
import { LocksKeptApart } from '../shared/locks-kept-apart.tsx'
import { useNow } from '../shared/use-now.ts'
import { DeadlineCountdown } from '../tender/tender-facts.tsx'
import { PlatformAddress } from './platform-address.tsx'

/** A sealed bid that is not delivered: where to, with which lock, and how far it is. */
export function Delivering(props: {
  readonly tender: TenderView
  readonly sealedBid: SealedBidView
  /** The bid was changed after it had been sealed, or the sealed file is gone. */
  readonly warning: 'outdated' | 'lost' | null
  /** Every sealed bid of the tender. */
  readonly others: readonly SealedBidView[]
  readonly onChoose: (seal: SealId) => void
}): ReactNode {
  const { tender, sealedBid } = props
  const text = useText()
  const { modules } = useStore(locks)
  const { failure, busy, submit } = useStore(sealed)
  const job = jobAbout(useStore(jobs), 'submit', sealedBid.seal)
  const [chosen, setChosen] = useState<LockId | null>(null)
  const [asking, setAsking] = useState(false)
  const wanted = { use: 'sign', practice: tender.practice } as const
  const signing = locksFor(modules, wanted)
  const lock = offeredLock(signing, chosen, labelsOf(sealedBid))
  const running = job?.job.state === 'running'
  // A job that is done has a receipt, which is about to be listed.
  const settled = job === null || job.job.state === 'failed' || job.job.state === 'cancelled'
  const ready = lock !== null && tender.platformAddress !== null && settled
  const label = { title: tender.title }
  const verb = text(sealedBid.state === 'submitting' ? 'submit.resume' : 'submit.button', label)
  const start = (): void => {
    setAsking(false)
    if (lock !== null) void submit(sealedBid.seal, lock.lock)
  }
  const progress = job !== null && (
    <JobPanel
      title={text('submit.progress')}
      seen={job}
      confirmed
      note={running ? <ProjectedFinish seen={job} tender={tender} /> : undefined}
    />
  )
  return (
    <Screen
      title={text('submit.title')}
      about={tender.title}
      lead={text('submit.lead')}
      primary={
        <Action channel="sealed.submit" primary irreversible disabled={!ready || busy} onClick={() => setAsking(true)}>
          {verb}
        </Action>
      }
    >
      <DeadlineCountdown tender={tender} />
      <Failed failure={failure ?? job?.job.failure ?? null} onRetry={() => setAsking(ready)} />
      {props.warning !== null && (
        <p data-testid={`seal-${props.warning}`}>
          <Mark tone="attention">{text(`seal.${props.warning}`)}</Mark>
        </p>
      )}
      {running && progress}
      {!running && (
        <Part
          title={text('submit.sealedBid')}
          aside={
            <Mark tone="plain" icon="todo">
              {text('submit.notSubmitted')}
            </Mark>
          }
        >
          {props.others.length > 1 && <SealedChoice {...props} />}
          <Facts
            facts={[
              [text('common.shortCode'), <ShortCode key="code" code={sealedBid.shortCode} />],
              [
                text('common.sealedAt'),
                <span key="time" className="figures">
                  {moment(sealedBid.sealedAt)}
                </span>,
              ],
              [
                text('common.size'),
                <span key="size" className="figures">
                  {size(sealedBid.size)}
                </span>,
              ],
            ]}
          />
          <div className="choices">
            <PlatformAddress key={tender.tender} tender={tender} />
            <LockSelect
              label={text('submit.authoriseLock')}
              testId="select-authorise"
              locks={signing}
              value={lock?.lock ?? null}
              onChange={setChosen}
              none={text('seal.noSigning')}
              note={<LocksKeptApart {...wanted} />}
            />
          </div>
        </Part>
      )}
      {!running && progress}
      <Sheet
        open={asking && ready}
        channel="sealed.submit"
        title={text('submit.sheetTitle', label)}
        consequences={{
          will: text('submit.sheetWill', {
            size: size(sealedBid.size),
            shortCode: grouped(sealedBid.shortCode),
            address: tender.platformAddress ?? '',
          }),
          after: text('submit.sheetAfter'),
          lock: text('submit.sheetKey', { lock: lock?.label ?? '' }),
        }}
        verb={verb}
        onConfirm={start}
        onClose={() => setAsking(false)}
      />
    </Screen>
  )
}

/** The labels of the locks a bid was sealed to: one of them is likely to be in the user's hand. */
function labelsOf({ recipients }: SealedBidView): readonly string[] {
  return recipients.map(({ label }) => label)
}

function SealedChoice(props: {
  readonly sealedBid: SealedBidView
  readonly others: readonly SealedBidView[]
  readonly onChoose: (seal: SealId) => void
}): ReactNode {
  const text = useText()
  return (
    <div className="field">
      <label htmlFor="sealed-choice">{text('submit.sealedBid')}</label>
      <Select<SealId>
        id="sealed-choice"
        data-testid="select-sealed"
        value={props.sealedBid.seal}
        onChange={props.onChoose}
        options={props.others.map(({ seal, shortCode, sealedAt }) => ({
          value: seal,
          label: `${grouped(shortCode)} · ${moment(sealedAt)}`,
        }))}
      />
    </div>
  )
}

/** When the upload ends at its speed, held against the deadline. */
function ProjectedFinish({ seen, tender }: { readonly seen: SeenJob; readonly tender: TenderView }): ReactNode {
  const text = useText()
  const { wall } = useNow(1000)
  const stage = runningStage(seen)
  const remaining = stage === null ? null : remainingOf(stage)
  if (remaining === null) return null
  const finish = wall + remaining
  const late = finish > Date.parse(tender.deadline)
  return (
    <p>
      <Mark tone={late ? 'deadline' : 'plain'} icon="clock">
        {text(late ? 'submit.finishesLate' : 'submit.finishesBefore', { time: moment(finish) })}
      </Mark>
    </p>
  )
}
