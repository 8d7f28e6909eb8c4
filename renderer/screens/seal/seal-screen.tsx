import { Button } from 'antd'
import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { SealId } from '../../../main/contract/ids.ts'
import { Mark } from '../../components/marks.tsx'
import { Screen } from '../../components/screen.tsx'
import { useText } from '../../messages/index.ts'
import { jobAbout, jobs } from '../../stores/jobs.ts'
import { sealed } from '../../stores/sealed.ts'
import { GoButton } from '../shared/go-button.tsx'
import { JobPanel } from '../shared/job-panel.tsx'
import { NotListed } from '../shared/not-listed.tsx'
import { NothingYet } from '../shared/nothing-yet.tsx'
import { isOutdated, isOver } from '../shared/outdated.ts'
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
  if (listed === null && job?.job.state !== 'running') return <NotListed title={title} />
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
    const changed = isOutdated(bid, made)
    const lost = bid.lostOnItsWay && made.state === 'submitting'
    const again = changed || lost || isOver(made)
    const sealAgain = (
      <Button
        type={again ? 'primary' : 'default'}
        data-testid="seal-again"
        data-primary={again}
        onClick={() => setOutdated(made.seal)}
      >
        {text(again ? 'seal.anew' : 'seal.again')}
      </Button>
    )
    const toSubmit = (
      <GoButton to="submit" primary={!again}>
        {text('seal.toSubmit')}
      </GoButton>
    )
    return (
      <Screen
        title={title}
        about={tender.title}
        secondary={again ? toSubmit : sealAgain}
        primary={again ? sealAgain : toSubmit}
      >
        {again && (
          <p data-testid="seal-outdated">
            <Mark tone="attention">{text(lost ? 'seal.lost' : changed ? 'seal.outdated' : 'seal.over')}</Mark>
          </p>
        )}
        <SealResult sealedBid={made} />
        {progress}
      </Screen>
    )
  }
  return <ChooseLocks key={bid.bid} tender={tender} bid={bid} failed={job?.job.failure ?? null} progress={progress} />
}
