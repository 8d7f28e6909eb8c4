import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { jitteredWait, waitOrStop } from '../../http/index.ts'
import type { OpeningStatus, Platform } from '../../platform/index.ts'
import type { Ports } from '../ports.ts'
import type { Reading, ServerClock } from '../time/server-clock.ts'
import { followOpening } from './follow.ts'
import type { FollowPace } from './follow.ts'
import { isPassing } from './passing.ts'
import { openingTerms } from './terms.ts'
import type { OpeningTerms } from './terms.ts'

/** Something that happened while the opening was waited for. */
export type WaitingNews =
  /** Milliseconds until the time in force by the platform's clock; null while nobody knows that clock. */
  | {
      readonly kind: 'countdown'
      readonly openingTime: Date
      readonly left: number | null
      readonly reading: Reading | null
    }
  /** A signed notice has moved the opening. */
  | { readonly kind: 'postponed'; readonly openingTime: Date; readonly before: Date }
  /** The platform names another time and no signed notice does: ours stands. */
  | { readonly kind: 'unsigned-time'; readonly openingTime: Date; readonly platform: Date }
  | { readonly kind: 'away'; readonly failure: AppFailure }
  | { readonly kind: 'back' }

export interface Waiting {
  readonly ports: Ports
  readonly platform: Platform
  readonly tender: Tender
  readonly openingId: string
  readonly sealDigest: string
  readonly clock: ServerClock
  readonly signal?: AbortSignal | undefined
  readonly pace?: FollowPace | undefined
  readonly onNews?: ((news: WaitingNews) => void) | undefined
  /** Called at each tick with the time left, for what is due before the opening; awaited. */
  readonly onTick?: ((left: number | null, terms: OpeningTerms) => Promise<void>) | undefined
}

/** The opening has begun: how it stands, and the terms it began under. */
export interface Begun {
  readonly status: OpeningStatus
  readonly terms: OpeningTerms
}

/** Milliseconds between two ticks of the countdown. */
const tick = 1_000
/** At the opening everybody asks at once whether it has begun; full jitter spreads them over a second. */
const knocking = { tries: 1, firstWait: tick, longestWait: tick }
/** The platform's clock is asked again after at most so long, and its notices too. */
const longestWithoutReading = 5 * 60_000
const longestWithoutNotices = 10 * 60_000

/**
 * Waits until the platform says that the opening has begun and its clock is past the time in force. That time is the
 * package's own or a signed notice's; the wait is counted on the platform's clock, never on this computer's. Throws what
 * the platform refuses, `cancelled`; the network being away ends nothing.
 */
export async function awaitOpening(waiting: Waiting): Promise<Begun> {
  const { ports, platform, tender, openingId, clock, signal, onNews } = waiting
  const monotonic = ports.monotonic ?? (() => performance.now())
  const stop = new AbortController()
  const stopped = (): void => stop.abort()
  signal?.addEventListener('abort', stopped, { once: true })
  if (signal?.aborted) stopped()
  const watched: { status: OpeningStatus | null; failure: unknown } = { status: null, failure: null }
  // Nobody waits for its end: a question that hangs must not hold up the release. It keeps its own failures.
  void follow(watched)
  let terms = await reached(() => openingTerms(ports, platform, tender))
  let noticesAt = monotonic()
  let readAt = -Infinity
  let told: number | null = null
  try {
    for (;;) {
      if (watched.failure !== null) throw asError(watched.failure)
      const said = watched.status?.openingTime.getTime() ?? null
      const changed = differs(watched.status, terms) && said !== told
      if (terms === null || changed || monotonic() - noticesAt > longestWithoutNotices) {
        const before = terms
        terms = (await reached(() => openingTerms(ports, platform, tender))) ?? terms
        noticesAt = monotonic()
        told = tellTimes(before, terms, watched.status)
      }
      const openingTime = terms?.openingTime ?? new Date(tender.fields.openingTime)
      // A platform that says it has begun while its clock, as we know it, is not there yet: one of the two is old.
      const early =
        watched.status !== null && watched.status.state !== 'waiting' && clock.standing(openingTime) === 'before'
      if (clock.now() === null || early || monotonic() - readAt > longestWithoutReading) {
        await reached(() => clock.read())
        readAt = monotonic()
      }
      const now = clock.now()
      const left = now === null ? null : openingTime.getTime() - now.getTime()
      if (terms !== null) await waiting.onTick?.(left, terms)
      if (left !== null && left <= (clock.reading()?.uncertaintyMs ?? 0)) {
        const status = await reached(() => platform.opening(openingId))
        // What may have been postponed at the last moment is looked at once more.
        const last =
          status === null || status.state === 'waiting'
            ? null
            : await reached(() => openingTerms(ports, platform, tender))
        if (status !== null && last !== null && (clock.now() ?? now) !== null) {
          if (last.openingTime <= openingTime) return { status, terms: last }
          told = tellTimes(terms, last, status)
          terms = last
          continue
        }
      } else {
        onNews?.({ kind: 'countdown', openingTime, left, reading: clock.reading() })
      }
      await waitOrStop(left !== null && left > 0 ? Math.min(tick, left) : jitteredWait(knocking, 0) + tick / 2, signal)
    }
  } finally {
    signal?.removeEventListener('abort', stopped)
    stop.abort()
  }

  /** Keeps what the platform last said; its events only wake nobody: the tick looks every second. */
  async function follow(into: { status: OpeningStatus | null; failure: unknown }): Promise<void> {
    try {
      const { sealDigest, pace } = waiting
      const onAway = (failure: AppFailure | null): void =>
        onNews?.(failure === null ? { kind: 'back' } : { kind: 'away', failure })
      for await (const { status } of followOpening(platform, openingId, {
        sealDigest,
        pace,
        signal: stop.signal,
        onAway,
      })) {
        into.status = status
      }
    } catch (error) {
      if (!stop.signal.aborted) into.failure = error
    }
  }

  function tellTimes(
    before: OpeningTerms | null,
    now: OpeningTerms | null,
    status: OpeningStatus | null,
  ): number | null {
    if (now === null) return null
    const earlier = before?.openingTime ?? new Date(tender.fields.openingTime)
    if (now.openingTime > earlier) onNews?.({ kind: 'postponed', openingTime: now.openingTime, before: earlier })
    if (status !== null && differs(status, now)) {
      onNews?.({ kind: 'unsigned-time', openingTime: now.openingTime, platform: status.openingTime })
    }
    return status?.openingTime.getTime() ?? null
  }

  /** Null while the network or the platform is away: the next tick asks again. */
  async function reached<T>(asking: () => Promise<T>): Promise<T | null> {
    try {
      return await asking()
    } catch (error) {
      const passing = isPassing(error) || (error instanceof AppFailure && error.code === 'platform.clock')
      if (!passing || signal?.aborted) throw error
      return null
    }
  }
}

function differs(status: OpeningStatus | null, terms: OpeningTerms | null): boolean {
  return status !== null && terms !== null && status.openingTime.getTime() !== terms.openingTime.getTime()
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new AppFailure('internal', 'the events of the opening ended in no error')
}
