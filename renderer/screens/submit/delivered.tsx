import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { SealedBidView, TenderView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { Screen } from '../../components/screen.tsx'
import { Sheet } from '../../components/sheet.tsx'
import { useText } from '../../messages/index.ts'
import { jobAbout, jobs } from '../../stores/jobs.ts'
import { locks, locksFor } from '../../stores/locks.ts'
import { sealed } from '../../stores/sealed.ts'
import { Failed } from '../shared/failed.tsx'
import { GoButton } from '../shared/go-button.tsx'
import { JobPanel } from '../shared/job-panel.tsx'
import { offeredLock } from '../shared/lock-choice.ts'
import { LocksKeptApart } from '../shared/locks-kept-apart.tsx'
import { useNow } from '../shared/use-now.ts'
import { DeadlineCountdown } from '../tender/tender-facts.tsx'
import { ReceiptFacts } from './receipt-facts.tsx'

/** A delivered bid: its receipt, and the way to take it back while there is time. */
export function Delivered(props: { readonly tender: TenderView; readonly sealedBid: SealedBidView }): ReactNode {
  const { tender, sealedBid } = props
  const text = useText()
  const { modules } = useStore(locks)
  const { failure, busy, withdraw } = useStore(sealed)
  const state = useStore(jobs)
  const submission = jobAbout(state, 'submit', sealedBid.seal)
  const withdrawal = jobAbout(state, 'withdraw', sealedBid.seal)
  const [asking, setAsking] = useState(false)
  const wanted = { use: 'sign', practice: tender.practice } as const
  const lock = offeredLock(
    locksFor(modules, wanted),
    null,
    sealedBid.recipients.map(({ label }) => label),
  )
  const running = withdrawal?.job.state === 'running'
  const withdrawn = sealedBid.state === 'withdrawn'
  // After the deadline the platform takes nothing back.
  const late = useNow(1000).wall >= Date.parse(tender.deadline)
  const possible = lock !== null && !late
  const label = { title: tender.title }
  const start = (): void => {
    setAsking(false)
    if (possible) void withdraw(sealedBid.seal, lock.lock)
  }
  return (
    <Screen
      title={text('submit.title')}
      about={tender.title}
      secondary={
        sealedBid.state === 'submitted' && (
          <Action channel="sealed.withdraw" disabled={!possible || busy || running} onClick={() => setAsking(true)}>
            {text('submit.withdraw', label)}
          </Action>
        )
      }
      primary={
        withdrawn ? (
          <GoButton to="documents" primary>
            {text('common.failure.actions.documents')}
          </GoButton>
        ) : (
          <GoButton to="opening" primary>
            {text('submit.toOpening')}
          </GoButton>
        )
      }
    >
      <Failed
        failure={failure ?? withdrawal?.job.failure ?? null}
        situation={{ kind: 'withdraw', keyMayBeOut: sealedBid.keyMayBeOut }}
        onRetry={() => setAsking(possible)}
      />
      <LocksKeptApart {...wanted} />
      <ReceiptFacts sealedBid={sealedBid} />
      {withdrawn && <p>{text('submit.withdrawnNext')}</p>}
      {sealedBid.state === 'replaced' && <p>{text('submit.replacedNext')}</p>}
      {withdrawal !== null && <JobPanel title={text('submit.withdraw', label)} seen={withdrawal} />}
      {sealedBid.state === 'submitted' && <DeadlineCountdown tender={tender} />}
      {submission !== null && <JobPanel title={text('submit.progress')} seen={submission} confirmed />}
      <Sheet
        open={asking && possible}
        channel="sealed.withdraw"
        title={text('submit.withdrawTitle', label)}
        consequences={{
          will: text('submit.withdrawWill'),
          after: text('submit.withdrawAfter'),
          lock: text('submit.withdrawKey', { lock: lock?.label ?? '' }),
        }}
        verb={text('submit.withdraw', label)}
        onConfirm={start}
        onClose={() => setAsking(false)}
      />
    </Screen>
  )
}
