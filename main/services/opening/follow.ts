import { AppFailure } from '../../contract/failure.ts'
import { jitteredWait, waitOrStop } from '../../http/index.ts'
import type { RetryPolicy } from '../../http/index.ts'
import type { OpeningEvent, Platform } from '../../platform/index.ts'
import { isPassing } from './passing.ts'

/** How an opening is followed. Times are in milliseconds. */
export interface FollowPace {
  /** A stream that says nothing for so long is held against a question; a dead one is given up. */
  readonly silence: number
  /** Between two questions where there is no stream, and between two streams; with full jitter above `firstWait`. */
  readonly asking: RetryPolicy
  /** Questions after which a refused stream is tried again. */
  readonly streamAgain: number
}

export const usualPace: FollowPace = {
  silence: 40_000,
  asking: { tries: 1, firstWait: 500, longestWait: 8_000 },
  streamAgain: 20,
}

export interface FollowOptions {
  /** Whose place in the queue is told. */
  readonly sealDigest: string
  readonly signal?: AbortSignal | undefined
  readonly pace?: FollowPace | undefined
  /** Told when the platform cannot be reached, and with null when it can be again. */
  readonly onAway?: ((away: AppFailure | null) => void) | undefined
}

/**
 * An opening's events until the record is there: the stream, resumed behind the last event after a break; questions where
 * the platform refuses a stream or the network breaks it, and when it falls silent. Each event tells all of the present
 * state; one that says the same as the last is left out. The network being away ends nothing. Throws `platform.unknown`
 * and other refusals of plain questions, `cancelled`.
 */
export async function* followOpening(
  platform: Platform,
  openingId: string,
  options: FollowOptions,
): AsyncGenerator<OpeningEvent> {
  const { signal, sealDigest, pace = usualPace } = options
  const seen: Seen = { after: undefined, last: null, away: false }
  let refusedFor = 0
  for (let failures = 0; ; failures += 1) {
    if (refusedFor > 0) {
      refusedFor -= 1
    } else {
      try {
        for await (const event of oneStream(platform, openingId, seen, options)) {
          failures = 0
          if (isNew(seen, event, options)) yield event
          if (event.recorded) return
        }
      } catch (error) {
        if (isRefusal(error)) refusedFor = pace.streamAgain
        else if (!isPassing(error)) throw error
      }
    }
    if (signal?.aborted) throw new AppFailure('cancelled', 'stopped at the request of the caller')
    try {
      const event = await ask(platform, openingId, seen)
      failures = isNewState(seen, event) ? 0 : failures
      if (isNew(seen, event, options)) yield event
      if (event.recorded) return
    } catch (error) {
      if (!isPassing(error)) throw error
      if (!seen.away) options.onAway?.(error)
      seen.away = true
    }
    await waitOrStop(pace.asking.firstWait / 2 + jitteredWait(pace.asking, failures), signal)
  }

  /** One stream until it ends, breaks, or turns out to be dead while the state has gone on. */
  async function* oneStream(
    from: Platform,
    id: string,
    known: Seen,
    { onAway }: FollowOptions,
  ): AsyncGenerator<OpeningEvent> {
    const stop = new AbortController()
    const stopped = (): void => stop.abort(signal?.reason)
    signal?.addEventListener('abort', stopped, { once: true })
    if (signal?.aborted) stopped()
    const events = from.events(id, { sealDigest, after: known.after, signal: stop.signal })[Symbol.asyncIterator]()
    try {
      for (let next = events.next(); ;) {
        const winner = await firstOf(next, pace.silence, signal)
        if (winner === 'silent') {
          const asked = await ask(from, id, known)
          if (!isNewState(known, asked)) continue
          yield asked
          return
        }
        if (winner.done === true) return
        if (known.away) onAway?.(null)
        known.away = false
        known.after = winner.value.id === '' ? known.after : winner.value.id
        yield winner.value
        next = events.next()
      }
    } finally {
      signal?.removeEventListener('abort', stopped)
      stop.abort()
      // A stream that hangs must not hold us up: it is told to stop, and nobody waits for its last word.
      void Promise.resolve(events.return?.()).catch(() => undefined)
    }
  }
}

interface Seen {
  after: string | undefined
  last: OpeningEvent | null
  away: boolean
}

function isNew(seen: Seen, event: OpeningEvent, { onAway }: FollowOptions): boolean {
  if (seen.away) onAway?.(null)
  seen.away = false
  const fresh = isNewState(seen, event)
  seen.last = event
  return fresh
}

function isNewState({ last }: Seen, event: OpeningEvent): boolean {
  return last === null || stateOf(last) !== stateOf(event)
}

function stateOf({ status, ahead, recorded }: OpeningEvent): string {
  return JSON.stringify([
    status.state,
    status.openingTime,
    status.closesAt,
    status.released,
    status.bids,
    ahead,
    recorded,
  ])
}

/** The state by a plain question. Who waits in the queue is told by the answer to the release. */
async function ask(platform: Platform, openingId: string, { after, last }: Seen): Promise<OpeningEvent> {
  const status = await platform.opening(openingId)
  const recorded = status.state === 'closed' && (await platform.record(openingId)) !== null
  return { id: after ?? '', status, ahead: last?.ahead ?? null, recorded }
}

async function firstOf<T>(next: Promise<T>, patience: number, signal: AbortSignal | undefined): Promise<T | 'silent'> {
  const timer = new AbortController()
  const stopped = (): void => timer.abort()
  signal?.addEventListener('abort', stopped, { once: true })
  try {
    const silence = waitOrStop(patience, timer.signal).then(() => 'silent' as const)
    silence.catch(() => undefined)
    next.catch(() => undefined)
    return await Promise.race([next, silence])
  } finally {
    signal?.removeEventListener('abort', stopped)
    timer.abort()
  }
}

/** The platform answered, and gives no such stream. */
function isRefusal(error: unknown): boolean {
  return error instanceof AppFailure && (error.code === 'platform.refused' || error.code === 'platform.unknown')
}
