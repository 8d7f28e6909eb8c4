import type { JobControl } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { AppEvent } from '../contract/events.ts'
import type { JobId, SealId } from '../contract/ids.ts'
import type { JobKind, JobView } from '../contract/views.ts'
import type { ReportFailure } from './incidents.ts'

/** A job as the work sees it. */
export interface RunningJob {
  readonly id: JobId
  /** Its progress goes to the page; its signal fires when the user cancels. */
  readonly control: JobControl & { readonly signal: AbortSignal }
  /** Says what is being done where there are no bytes to count. */
  stage(name: string): void
}

/** What a job is about. */
export interface JobSubject {
  readonly kind: JobKind
  /** Two jobs of one kind on one object are one: the second request is answered with the job that runs. */
  readonly about: string
  /** The sealed bid, where there is one already. */
  readonly seal?: SealId
}

/** The long jobs of this run. */
export interface Jobs {
  /** Starts work and answers at once. The work answers the sealed bid it made or worked on. Throws `cancelled` after `close`. */
  start(subject: JobSubject, work: (job: RunningJob) => Promise<SealId | null>): JobId
  /** Running ones, and the last that ended; newest last. */
  list(): readonly JobView[]
  /** Harmless for a job that has ended. Throws `arguments.bad` for one that never was. */
  cancel(job: JobId): void
  /** Cancels the running ones that are meant and waits until they have ended. */
  end(isMeant: (subject: JobSubject) => boolean): Promise<void>
  /** Cancels everything and waits until it has ended; nothing starts any more. */
  close(): Promise<void>
}

export interface JobsOptions {
  readonly emit: (event: AppEvent) => void
  readonly newId: () => JobId
  readonly report: ReportFailure
}

interface Entry {
  view: JobView
  readonly subject: JobSubject
  readonly stop: AbortController
  ended: Promise<void>
}

/** Milliseconds between two reports of progress: as often as eyes notice. */
const reportEvery = 100
/** Ended jobs that stay readable. */
const keptAfterwards = 50

export function openJobs({ emit, newId, report }: JobsOptions): Jobs {
  const entries = new Map<JobId, Entry>()
  let closed = false

  function start(subject: JobSubject, work: (job: RunningJob) => Promise<SealId | null>): JobId {
    if (closed) throw new AppFailure('cancelled', 'the app is closing')
    const { kind, about, seal } = subject
    const same = [...entries.values()].find(
      entry => entry.view.kind === kind && entry.subject.about === about && entry.view.state === 'running',
    )
    if (same !== undefined) return same.view.job
    const id = newId()
    const view: JobView = {
      ...{ job: id, kind, state: 'running', stage: null, done: 0, total: 0, failure: null },
      seal: seal ?? null,
    }
    const entry: Entry = { view, subject, stop: new AbortController(), ended: Promise.resolve() }
    entries.set(id, entry)
    forgetOld(entries)
    entry.ended = run(entry, work)
    return id
  }

  async function run(entry: Entry, work: (job: RunningJob) => Promise<SealId | null>): Promise<void> {
    const teller = throttled(() => emit({ kind: 'job', job: entry.view }), reportEvery)
    const update = (change: Partial<JobView>): void => {
      // How far a stage came is not lost to the next one.
      if (change.stage !== entry.view.stage) teller.flush()
      entry.view = { ...entry.view, ...change }
      teller.soon()
    }
    const job: RunningJob = {
      id: entry.view.job,
      control: { signal: entry.stop.signal, onProgress: ({ stage, done, total }) => update({ stage, done, total }) },
      stage: name => update({ stage: name, done: 0, total: 0 }),
    }
    teller.now()
    try {
      const seal = await work(job)
      update({ state: 'done', seal: seal ?? entry.view.seal })
    } catch (error) {
      const failure = entry.stop.signal.aborted ? ({ code: 'cancelled' } as const) : report(error)
      update(failure.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', failure })
    }
    teller.now()
  }

  async function end(isMeant: (subject: JobSubject) => boolean): Promise<void> {
    const meant = [...entries.values()].filter(({ subject, view }) => view.state === 'running' && isMeant(subject))
    for (const { stop } of meant) stop.abort()
    await Promise.all(meant.map(({ ended }) => ended))
  }

  return {
    start,
    list: () => [...entries.values()].map(({ view }) => view),
    cancel(job) {
      const entry = entries.get(job)
      if (entry === undefined) throw new AppFailure('arguments.bad', 'there is no such job')
      entry.stop.abort()
    },
    end,
    async close() {
      closed = true
      await end(() => true)
    },
  }
}

function forgetOld(entries: Map<JobId, Entry>): void {
  const ended = [...entries].filter(([, { view }]) => view.state !== 'running')
  for (const [id] of ended.slice(0, Math.max(0, ended.length - keptAfterwards))) entries.delete(id)
}

interface Teller {
  /** Tells within the interval. */
  soon(): void
  /** Tells at once if something is due. */
  flush(): void
  /** Tells at once, in place of what was due. */
  now(): void
}

function throttled(tell: () => void, interval: number): Teller {
  let due: ReturnType<typeof setTimeout> | null = null
  let told = -Infinity
  const now = (): void => {
    if (due !== null) clearTimeout(due)
    due = null
    told = performance.now()
    tell()
  }
  return {
    now,
    flush() {
      if (due !== null) now()
    },
    soon() {
      due ??= setTimeout(now, Math.max(0, told + interval - performance.now()))
    },
  }
}
