import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { LockId } from '../../../main/contract/ids.ts'
import type { SealedBidView, TenderView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { LockSelect } from '../../components/lock-select.tsx'
import { Part, Screen } from '../../components/screen.tsx'
import { Sheet } from '../../components/sheet.tsx'
import { grouped, useText } from '../../messages/index.ts'
import { jobAbout, jobs } from '../../stores/jobs.ts'
import { locks, locksFor } from '../../stores/locks.ts'
import { opening } from '../../stores/opening.ts'
import { AboutSealed } from '../shared/about-sealed.tsx'
import { Failed } from '../shared/failed.tsx'
import { GoButton } from '../shared/go-button.tsx'
import { JobPanel } from '../shared/job-panel.tsx'
import { offeredLock } from '../shared/lock-choice.ts'
import { LocksKeptApart } from '../shared/locks-kept-apart.tsx'
import { useOpening } from '../shared/use-opening.ts'
import { useWork } from '../shared/use-work.ts'
import { OpeningClock } from './opening-clock.tsx'
import { OpeningOutcome } from './opening-outcome.tsx'

/** Milliseconds between two looks at the opening while its screen is open. */
const lookEvery = 5000

/** The opening of a delivered bid. */
export function OpeningScreen(): ReactNode {
  const text = useText()
  const { tender, sealedBid, delivered } = useWork()
  const sentence = text(sealedBid?.state === 'withdrawn' ? 'opening.withdrawn' : 'common.submitFirst')
  return (
    <AboutSealed
      title={text('opening.title')}
      tender={tender}
      sealedBid={delivered}
      missing={{ sentence, button: text('common.toSubmit'), to: 'submit' }}
    >
      {(about, bid) => <Attending key={bid.seal} tender={about} sealedBid={bid} />}
    </AboutSealed>
  )
}

function Attending({
  tender,
  sealedBid,
}: {
  readonly tender: TenderView
  readonly sealedBid: SealedBidView
}): ReactNode {
  const text = useText()
  const { modules } = useStore(locks)
  const { busy, failure, ask, release } = useStore(opening)
  const view = useOpening(sealedBid.seal, lookEvery)
  const job = jobAbout(useStore(jobs), 'release', sealedBid.seal)
  const [chosen, setChosen] = useState<LockId | null>(null)
  const [asking, setAsking] = useState(false)
  const { seal } = sealedBid
  const wanted = { use: 'decrypt', practice: tender.practice } as const
  const decrypting = locksFor(modules, wanted)
  const lock = offeredLock(
    decrypting,
    chosen,
    sealedBid.recipients.map(({ label }) => label),
  )
  const running = job?.job.state === 'running'
  const released = sealedBid.releasedAt !== null
  const ready = lock !== null && view?.state === 'open' && !running
  const label = { title: tender.title }
  const start = (): void => {
    setAsking(false)
    if (lock !== null) void release(seal, lock.lock)
  }
  const finished = sealedBid.record !== null
  return (
    <Screen
      title={text('opening.title')}
      about={tender.title}
      lead={text('opening.lead')}
      secondary={
        <Action channel="opening.state" disabled={busy} onClick={() => void ask(seal)}>
          {text('opening.refresh')}
        </Action>
      }
      primary={
        finished || released ? (
          <GoButton to="record" primary>
            {text('opening.toRecord')}
          </GoButton>
        ) : (
          <Action channel="opening.release" primary irreversible disabled={!ready} onClick={() => setAsking(true)}>
            {text('opening.button', label)}
          </Action>
        )
      }
    >
      <OpeningClock tender={tender} />
      <Failed failure={failure} onRetry={() => void ask(seal)} />
      <Failed
        failure={job?.job.failure ?? null}
        situation={{ kind: 'release', keyMayBeOut: sealedBid.keyMayBeOut }}
        onRetry={() => setAsking(ready)}
      />
      <OpeningOutcome sealedBid={sealedBid} />
      {job !== null && <JobPanel title={text('opening.progress')} seen={job} />}
      {!released && !running && (
        <Part title={text('common.lock')}>
          <div className="choices">
            <LockSelect
              label={text('opening.releaseLock')}
              testId="select-release"
              locks={decrypting}
              value={lock?.lock ?? null}
              onChange={setChosen}
              none={text('seal.noDecrypting')}
              note={<LocksKeptApart {...wanted} />}
            />
          </div>
        </Part>
      )}
      <Sheet
        open={asking && ready}
        channel="opening.release"
        title={text('opening.sheetTitle', label)}
        consequences={{
          will: text('opening.sheetWill'),
          after: text('opening.sheetAfter'),
          lock: text('opening.sheetKey', { lock: lock?.label ?? '', shortCode: grouped(sealedBid.shortCode) }),
        }}
        verb={text('opening.button', label)}
        onConfirm={start}
        onClose={() => setAsking(false)}
      />
    </Screen>
  )
}
