import type { PlatformKeys } from '../platform-keys.ts'
import { bidOpener } from './opener.ts'
import type { BidOpener } from './opener.ts'
import { verifiedHeaders } from './headers.ts'
import type { VerifiedHeaders } from './headers.ts'
import { releaseJudges } from './judges.ts'
import type { Judges } from './judges.ts'
import { releaseQueue } from './queue.ts'
import type { ReleaseQueue } from './queue.ts'
import { openTraffic } from './traffic.ts'
import type { Traffic } from './traffic.ts'

/** What the openings of a platform have in hand besides what is written down. */
export interface OpeningWork {
  readonly traffic: Traffic
  /** For what is done after the close; the judges have their own. */
  readonly headers: VerifiedHeaders
  readonly judges: Judges
  readonly opener: BidOpener
  readonly queue: ReleaseQueue
  /** Stops the work in the background; what is not written down yet is taken up by the next start. */
  close(): void
}

/**
 * `program` is the platform's own built program, for work in other threads and another process; null does it all in this
 * one. `dir` is the platform's folder.
 */
export function openingWork(program: string | null, dir: string, keys: PlatformKeys): OpeningWork {
  const traffic = openTraffic()
  const opener = bidOpener(program, traffic)
  const queue = releaseQueue()
  const judges = releaseJudges(program, dir, keys)
  return {
    traffic,
    judges,
    opener,
    queue,
    headers: verifiedHeaders(),
    close() {
      queue.close()
      opener.close()
      judges.close()
    },
  }
}
