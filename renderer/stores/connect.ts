import type { AppEvent } from '../../main/contract/events.ts'
import type { JobView } from '../../main/contract/views.ts'
import { onEvent } from '../bridge.ts'
import { app } from './app.ts'
import { bids } from './bids.ts'
import { forms } from './forms.ts'
import { jobs } from './jobs.ts'
import { locks } from './locks.ts'
import { opening } from './opening.ts'
import { questions } from './questions.ts'
import { rehearsal } from './rehearsal.ts'
import { sealed } from './sealed.ts'
import { tenders } from './tenders.ts'

/** Fills every store and keeps them up with what main tells. Answers a function that stops listening. */
export function connect(): () => void {
  const stop = onEvent(accept)
  forms.getState().onSaved(bid => {
    bids.getState().accept(bid)
  })
  void loadAll()
  return stop
}

async function loadAll(): Promise<void> {
  await app.getState().load()
  await Promise.all([
    rehearsal.getState().load(),
    tenders.getState().load(),
    bids.getState().load(),
    sealed.getState().load(),
    jobs.getState().load(),
    questions.getState().load(),
    locks.getState().load(),
  ])
}

function accept(event: AppEvent): void {
  switch (event.kind) {
    case 'job':
      acceptJob(event.job)
      return
    case 'question':
      questions.getState().accept(event.question)
      return
    case 'locks-changed':
      void locks.getState().load()
      return
    case 'sealed-changed':
      void sealed.getState().load()
      void bids.getState().load()
      return
  }
}

function acceptJob(job: JobView): void {
  jobs.getState().accept(job)
  if (job.state === 'running') return
  void questions.getState().load()
  void sealed.getState().load()
  void bids.getState().load()
  if (job.kind === 'rehearsal') void showRehearsal()
  // The PIN's tries may have changed, whatever became of the job.
  else void locks.getState().load()
  const { seal, ask } = opening.getState()
  if (job.kind === 'release' && seal !== null) void ask(seal)
}

/** A rehearsal brings a tender and a lock of its own; its tender is the one to work on. */
async function showRehearsal(): Promise<void> {
  await Promise.all([rehearsal.getState().load(), tenders.getState().load(), locks.getState().load()])
  const own = rehearsal.getState().view?.tender ?? null
  if (own !== null) tenders.getState().choose(own)
}
