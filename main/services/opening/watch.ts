import type { JobControl } from '../../../crypto/index.ts'
import type { OpeningStatus } from '../../platform/index.ts'
import { recordedPlatform } from '../evidence/recorded-platform.ts'
import type { Ports } from '../ports.ts'
import { openServerClock } from '../time/server-clock.ts'
import type { LockSight } from '../tokens/locks.ts'
import { attendedBid } from './attended-bid.ts'
import { awaitOpening } from './await-opening.ts'
import type { WaitingNews } from './await-opening.ts'
import { openingOf } from './beginning.ts'
import type { FollowPace } from './follow.ts'
import { openingReadiness } from './readiness.ts'
import type { Readiness, ReadinessRequest } from './readiness.ts'

export interface WatchRequest extends ReadinessRequest {
  readonly onNews?: ((news: WaitingNews) => void) | undefined
  /** Told the outcome of each readiness test. */
  readonly onReadiness?: ((readiness: Readiness) => void) | undefined
  readonly pace?: FollowPace | undefined
}

/** What the wait ended with: the opening as it has begun, and the last readiness test before it. */
export interface Watched {
  readonly status: OpeningStatus
  readonly openingTime: Date
  readonly readiness: Readiness | null
}

const minute = 60_000
/** When the test is run: first, and again while something is amiss. Milliseconds before the opening. */
const tests = [30 * minute, 10 * minute, 3 * minute] as const

/**
 * Counts down to an opening and tests readiness half an hour before it, twice more while something is amiss; later than
 * that it tests at once. Ends when the opening has begun. No PIN is asked for and no key used. Throws what
 * `awaitOpening` and `openingReadiness` throw.
 */
export async function watchOpening(
  ports: Ports,
  locks: () => Promise<LockSight>,
  request: WatchRequest,
  control: JobControl,
): Promise<Watched> {
  const { signal } = control
  const plain = ports.platformAt(request.platformUrl, signal)
  const { bid, tender } = await attendedBid(ports, plain, request.bid, request.trust)
  const { sealDigest, header } = bid
  const platform = recordedPlatform(ports, plain, { sealId: header.sealId, sealDigest })
  const openingId = await openingOf(platform, tender.packageDigest)
  const clock = openServerClock(ports, platform, tender)
  let readiness: Readiness | null = null
  let next = 0
  const { status, terms } = await awaitOpening({
    ...{ ports, platform, tender, openingId, sealDigest, clock, signal },
    ...{ pace: request.pace, onNews: request.onNews },
    async onTick(left) {
      const due = tests[next]
      if (left === null || due === undefined || left > due || readiness?.ready === true) return
      // Of several that are due by now one is enough.
      next = tests.filter(each => left <= each).length
      readiness = await openingReadiness(ports, await locks(), request, control)
      request.onReadiness?.(readiness)
    },
  })
  return { status, openingTime: terms.openingTime, readiness }
}
