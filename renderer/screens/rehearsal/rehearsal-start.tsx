import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { RehearsalSuite } from '../../../main/contract/guards.ts'
import { Action } from '../../components/action.tsx'
import { Part } from '../../components/screen.tsx'
import { Segments } from '../../components/segments.tsx'
import { useText } from '../../messages/index.ts'
import { jobs, lastJob } from '../../stores/jobs.ts'
import { rehearsal } from '../../stores/rehearsal.ts'
import { Failed } from '../shared/failed.tsx'

const suites: readonly RehearsalSuite[] = ['intl-1', 'gm-1']

/** Offers a rehearsal while none runs. `primary` where it is the one thing to do. */
export function RehearsalStart({ primary }: { readonly primary: boolean }): ReactNode {
  const text = useText()
  const { view, busy, failure, start } = useStore(rehearsal)
  const [suite, setSuite] = useState<RehearsalSuite>('intl-1')
  const job = lastJob(useStore(jobs), 'rehearsal')?.job ?? null
  if (view === null || view.running) return null
  const starting = job?.state === 'running'
  return (
    <Part title={text('rehearsal.title')}>
      <p>{text('rehearsal.lead')}</p>
      <Failed failure={failure ?? job?.failure ?? null} onRetry={() => void start(suite)} />
      {starting ? (
        <p role="status" data-testid="job-state" data-state="running">
          {text('rehearsal.starting')}
        </p>
      ) : (
        <>
          <Segments
            label={text('rehearsal.suite')}
            options={suites.map(value => ({
              value,
              label: text(`rehearsal.suites.${value}`),
              note: text(`rehearsal.suiteNotes.${value}`),
            }))}
            value={suite}
            onChange={setSuite}
            disabled={busy}
            testId="suite"
          />
          <Action channel="rehearsal.start" primary={primary} disabled={busy} onClick={() => void start(suite)}>
            {text('rehearsal.start')}
          </Action>
        </>
      )}
    </Part>
  )
}
