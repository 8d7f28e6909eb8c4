import { Button } from 'antd'
import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { SealId } from '../../../main/contract/ids.ts'
import { Screen } from '../../components/screen.tsx'
import { useText } from '../../messages/index.ts'
import { jobAbout, jobs } from '../../stores/jobs.ts'
import { sealed } from '../../stores/sealed.ts'
import { GoButton } from '../shared/go-button.tsx'
import { JobPanel } from '../shared/job-panel.tsx'
import { NothingYet } from '../shared/nothing-yet.tsx'
import { useWork } from '../shared/use-work.ts'
import { ChooseLocks } from './choose-locks.tsx'
import { SealResult } from './seal-result.tsx'

/** Sealing: choose the locks, watch it, and see what proves the result. */
export function SealScreen(): ReactNode {
  const text = useText()
  const { tender, bid } = useWork()
  const { sealed: listed } = useStore(sealed)
  const job = jobAbout(useStore(jobs), 'seal', bid?.bid ?? null)
  // The sealed bid that is to be replaced by one that is sealed anew.
  const [outdated, setOutdated] = useState<SealId | null>(null)
  const title = text('seal.title')
  if (tender === null) {
    return (
      <NothingYet
        title={title}
        sentence={text('common.chooseTenderFirst')}
        button={text('common.toTender')}
        to="tender"
      />
    )
  }
  const made = listed?.find(({ seal }) => seal === bid?.sealed) ?? null
  if (bid === null) {
    return <NothingYet title={title} sentence={text('seal.noBid')} button={text('seal.toDocuments')} to="documents" />
  }
  const progress = job === null ? null : <JobPanel title={text('seal.progress')} seen={job} />
  // A job that has ended is shown until what it made has been listed.
  const settling = job?.job.state === 'running' || (job?.job.state === 'done' && job.job.seal !== (made?.seal ?? null))
  if (settling) {
    return (
      <Screen title={title} about={tender.title} lead={text('seal.lead')}>
        {progress}
      </Screen>
    )
  }
  if (made !== null && made.seal !== outdated) {
    return (
      <Screen
        title={title}
        about={tender.title}
        secondary={
          <Button data-testid="seal-again" onClick={() => setOutdated(made.seal)}>
            {text('seal.again')}
          </Button>
        }
        primary={
          <GoButton to="submit" primary>
            {text('seal.toSubmit')}
          </GoButton>
        }
      >
        <SealResult sealedBid={made} />
        {progress}
      </Screen>
    )
  }
  return <ChooseLocks key={bid.bid} tender={tender} bid={bid} failed={job?.job.failure ?? null} progress={progress} />
}
