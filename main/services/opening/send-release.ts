import type { Release, SignedDocument } from '../../../crypto/index.ts'
import { jitteredWait, waitOrStop } from '../../http/index.ts'
import type { RetryPolicy } from '../../http/index.ts'
import type { Platform } from '../../platform/index.ts'
import type { OpeningNews } from './news.ts'
import { isPassing } from './passing.ts'

export interface SendOptions {
  readonly openingId: string
  /** Whether the window has ended, by the platform's clock: from then on a network that is away is not waited for. */
  readonly isOver: () => boolean
  readonly signal: AbortSignal | undefined
  readonly onNews?: ((news: OpeningNews) => void) | undefined
  readonly pace?: RetryPolicy | undefined
}

/** Between two tries while the network is away, in milliseconds. */
export const releasePace: RetryPolicy = { tries: 1, firstWait: 500, longestWait: 10_000 }
/** No platform makes us ask more often or more seldom than this, in milliseconds. */
const soonest = 200
const latest = 60_000

/**
 * Sends one release, always the same bytes, until its receipt is there: while it waits in the queue, whenever the platform
 * says to ask again; while the network or the platform is away, with patience until the window ends. Throws the last
 * fault then, at once whatever else the platform answers, and `cancelled`.
 */
export async function sendRelease(
  platform: Pick<Platform, 'release'>,
  release: Release,
  options: SendOptions,
): Promise<SignedDocument> {
  const { openingId, isOver, signal, onNews, pace = releasePace } = options
  let away = 0
  for (;;) {
    let pause: number
    try {
      const answer = await platform.release(openingId, release)
      if (away > 0) onNews?.({ kind: 'back' })
      away = 0
      if (answer.state === 'receipt') return answer.receipt
      const { ahead, retryAfter } = answer
      pause = Math.min(latest, Math.max(soonest, retryAfter))
      onNews?.({ kind: 'queued', ahead, retryAfter: pause })
    } catch (error) {
      if (!isPassing(error) || isOver() || signal?.aborted === true) throw error
      if (away === 0) onNews?.({ kind: 'away', failure: error })
      // At least half of the longest pause so far: a platform that is coming up is not knocked down again.
      pause = pace.firstWait / 2 + jitteredWait(pace, away)
      away += 1
    }
    await waitOrStop(pause, signal)
  }
}
