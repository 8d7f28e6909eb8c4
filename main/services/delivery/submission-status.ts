import type { Failure, FailureCode } from '../../contract/failure.ts'
import { openSpeedMeter } from '../../upload/index.ts'
import type { Ports } from '../ports.ts'
import type { ServerClock } from '../time/server-clock.ts'
import { project } from './projection.ts'
import { eventOfFailure, hasEnded, nextState } from './submission-state.ts'
import type { SubmissionEvent, SubmissionState } from './submission-state.ts'

/** A submission as it is shown: plain data. Lengths in bytes, times RFC 3339 UTC by the platform's clock. */
export interface SubmissionStatus {
  readonly state: SubmissionState
  /** What the platform has confirmed, of all parts. */
  readonly confirmed: number
  readonly total: number
  /** Of late; null while nothing has been confirmed in this run. */
  readonly bytesPerSecond: number | null
  /** When the last byte will be there at this speed. */
  readonly projectedFinish?: string
  /** The deadline in force, a verified extension included; null before the tender package is known. */
  readonly deadline: string | null
  /** False is the red line; null while nobody can tell. */
  readonly fits: boolean | null
  /** The platform's clock less this computer's. */
  readonly serverOffsetMs?: number
  readonly uncertaintyMs?: number
  /** Why it waits, was refused or failed. */
  readonly code?: FailureCode
  /** The platform's own words. */
  readonly platformSays?: string
}

/** Follows one submission through its states and tells each change. */
export interface SubmissionTracker {
  readonly status: SubmissionStatus
  /** What has happened. Throws `internal` for what can't happen in this state. */
  happened(event: SubmissionEvent): void
  /** From now on by this clock, against this deadline. */
  follow(clock: ServerClock, deadline: Date): void
  /** Bytes the platform has, of how many. */
  confirmed(done: number, total: number): void
  /** What ended or interrupted it. Harmless once it has ended. */
  ended(failure: Failure): void
}

export interface TrackerOptions {
  readonly onState?: ((status: SubmissionStatus) => void) | undefined
  /** The caller tries again by itself when the network or the lock is back. */
  readonly retried?: boolean | undefined
}

/** The platform's clock is asked again after so many milliseconds of an upload. */
const clockEvery = 60_000

/** Begins to follow a submission; `ready` is told at once. */
export function trackSubmission(ports: Pick<Ports, 'monotonic'>, options: TrackerOptions): SubmissionTracker {
  const monotonic = ports.monotonic ?? (() => performance.now())
  const speed = openSpeedMeter()
  let state: SubmissionState = 'ready'
  let why: Pick<Failure, 'code' | 'platformSays'> | null = null
  let bytes = { confirmed: 0, total: 0 }
  let clock: ServerClock | null = null
  let deadline: Date | null = null
  let askedAt = -Infinity

  function status(): SubmissionStatus {
    const bytesPerSecond = speed.bytesPerSecond(monotonic())
    const reading = clock?.reading() ?? null
    const { finish, fits } =
      deadline === null
        ? { finish: null, fits: null }
        : project({
            remaining: bytes.total - bytes.confirmed,
            bytesPerSecond,
            serverTime: reading?.serverTime.getTime() ?? null,
            uncertaintyMs: reading?.uncertaintyMs ?? 0,
            deadline: deadline.getTime(),
          })
    const open = !hasEnded(state)
    return {
      state,
      ...bytes,
      bytesPerSecond,
      ...(open && finish !== null && bytes.total > 0 ? { projectedFinish: new Date(finish).toISOString() } : {}),
      deadline: deadline?.toISOString() ?? null,
      fits: open && (bytes.total > 0 || fits === false) ? fits : null,
      ...(reading === null ? {} : { serverOffsetMs: reading.offsetMs, uncertaintyMs: reading.uncertaintyMs }),
      ...(why === null ? {} : { code: why.code }),
      ...(why?.platformSays === undefined ? {} : { platformSays: why.platformSays }),
    }
  }

  const tell = (): void => options.onState?.(status())

  /** A clock that is not known, or not any more after a sleep, is asked beside the work; the upload never waits for it. */
  function readClock(): void {
    if (clock === null || hasEnded(state)) return
    const now = monotonic()
    const fresh = clock.reading() !== null && now - askedAt < clockEvery
    if (fresh || now - askedAt < 1_000) return
    askedAt = now
    clock.read().then(
      () => {
        if (!hasEnded(state)) tell()
      },
      () => undefined,
    )
  }

  tell()
  return {
    get status() {
      return status()
    },
    happened(event) {
      state = nextState(state, event)
      why = null
      tell()
    },
    follow(serverClock, until) {
      clock = serverClock
      deadline = until
      readClock()
      tell()
    },
    confirmed(done, total) {
      bytes = { confirmed: done, total }
      speed.confirmed(done, monotonic())
      readClock()
      tell()
    },
    ended(failure) {
      if (hasEnded(state)) return
      why = failure.code === 'cancelled' ? null : failure
      state = nextState(state, eventOfFailure(failure, options.retried === true))
      tell()
    },
  }
}
