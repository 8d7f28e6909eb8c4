import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { SealedBidView, TenderView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { Facts } from '../../components/facts.tsx'
import { Mark } from '../../components/marks.tsx'
import { Part, Screen } from '../../components/screen.tsx'
import { moment, useText } from '../../messages/index.ts'
import { jobAbout, jobs } from '../../stores/jobs.ts'
import { locks, locksFor } from '../../stores/locks.ts'
import { opening } from '../../stores/opening.ts'
import { SealResult } from '../seal/seal-result.tsx'
import { AboutSealed } from '../shared/about-sealed.tsx'
import { Failed } from '../shared/failed.tsx'
import { JobPanel } from '../shared/job-panel.tsx'
import { offeredLock } from '../shared/lock-choice.ts'
import { LocksKeptApart } from '../shared/locks-kept-apart.tsx'
import { useOpening } from '../shared/use-opening.ts'
import { useWork } from '../shared/use-work.ts'
import { ReceiptFacts } from '../submit/receipt-facts.tsx'
import { whileAsked, whyNoRecord } from './missing-record.ts'
import { RecordFacts } from './record-facts.tsx'

/** Milliseconds between two looks at the opening while its record is not here. */
const lookEvery = 15_000

/** What proves the life of a bid, newest first: record, release, receipt, seal. */
export function RecordScreen(): ReactNode {
  const text = useText()
  const { tender, sealedBid: newest, delivered } = useWork()
  return (
    <AboutSealed
      title={text('record.title')}
      tender={tender}
      sealedBid={delivered ?? newest}
      missing={{ sentence: text('common.sealFirst'), button: text('common.toSeal'), to: 'seal' }}
    >
      {(about, bid) => <Evidence tender={about} sealedBid={bid} />}
    </AboutSealed>
  )
}

function Evidence({
  tender,
  sealedBid,
}: {
  readonly tender: TenderView
  readonly sealedBid: SealedBidView
}): ReactNode {
  const text = useText()
  const { modules } = useStore(locks)
  const { failure, release } = useStore(opening)
  const job = jobAbout(useStore(jobs), 'release', sealedBid.seal)
  const wanted = { use: 'decrypt', practice: tender.practice } as const
  const lock = offeredLock(
    locksFor(modules, wanted),
    null,
    sealedBid.recipients.map(({ label }) => label),
  )
  const running = job?.job.state === 'running'
  // The release goes on where it stopped: nothing is released twice, what is missing is the record and its confirmation.
  const awaited =
    sealedBid.releasedAt !== null && !(sealedBid.record?.confirmed ?? false) && sealedBid.record?.state !== 'failed'
  const open = useOpening(whileAsked(sealedBid), lookEvery)
  const missing = whyNoRecord(sealedBid, open)
  const fetchRecord = (): void => {
    if (lock !== null) void release(sealedBid.seal, lock.lock)
  }
  return (
    <Screen
      title={text('record.title')}
      about={tender.title}
      lead={text('record.lead')}
      primary={
        awaited ? (
          <Action channel="opening.release" primary disabled={lock === null || running} onClick={fetchRecord}>
            {text(sealedBid.record === null ? 'record.fetch' : 'record.confirm')}
          </Action>
        ) : undefined
      }
    >
      <Failed
        failure={job?.job.failure ?? (awaited ? failure : null)}
        situation={{ kind: 'release', keyMayBeOut: sealedBid.keyMayBeOut }}
        onRetry={fetchRecord}
      />
      {awaited && <LocksKeptApart {...wanted} />}
      {running && <JobPanel title={text('opening.progress')} seen={job} />}
      {sealedBid.record === null ? (
        <Part title={text('record.record')}>
          <p className="quiet" data-testid="no-record" data-why={missing}>
            {text(`record.missing.${missing}`)}
          </p>
        </Part>
      ) : (
        <RecordFacts record={sealedBid.record} />
      )}
      {sealedBid.releasedAt !== null && (
        <Part title={text('record.release')} aside={<Mark tone="proved">{text('opening.released')}</Mark>}>
          <Facts
            facts={[
              [
                text('opening.releasedAt'),
                <span key="time" className="figures">
                  {moment(sealedBid.releasedAt)}
                </span>,
              ],
            ]}
          />
        </Part>
      )}
      <ReceiptFacts sealedBid={sealedBid} />
      <SealResult sealedBid={sealedBid} />
    </Screen>
  )
}
