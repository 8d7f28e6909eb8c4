import { CryptoFailure } from '../../../crypto/index.ts'
import type { JobControl, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Failure } from '../../contract/failure.ts'
import type { RetryPolicy } from '../../http/index.ts'
import { isSealedBid } from '../bids/sealed-magic.ts'
import { recordedPlatform } from '../evidence/recorded-platform.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import { withSealedBid } from '../sealed/sealed-file.ts'
import type { ServerClock } from '../time/server-clock.ts'
import type { Locks } from '../tokens/locks.ts'
import type { Trust } from '../trust.ts'
import { attemptSubmission } from './attempt.ts'
import { openFileChecks } from './file-checks.ts'
import type { FileChecks } from './file-checks.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { oneSignal } from './one-signal.ts'
import type { ReceiptFields } from './receipt.ts'
import { trackSubmission } from './submission-status.ts'
import type { SubmissionStatus } from './submission-status.ts'

export { tenderOf } from './tender-of.ts'

export interface SubmitRequest {
  readonly file: string
  readonly platformUrl: string
  /** The lock that authorises. */
  readonly token: string
  readonly trust: Trust
}

/** How a submission is watched, stopped and paused. Stopped or paused, what the platform has confirmed stays there. */
export interface SubmitControl extends JobControl {
  /** Ends the attempt with `cancelled` and the state `paused`; submitting again goes on. */
  readonly pause?: AbortSignal | undefined
  readonly onState?: ((status: SubmissionStatus) => void) | undefined
  /** The caller tries again by itself when the network or the lock is back. */
  readonly retried?: boolean | undefined
  /** How often the network is tried before it counts as lost; the platform's usual patience without it. */
  readonly patience?: RetryPolicy | undefined
  /** What earlier attempts of this run have found out. */
  readonly memory?: SubmissionMemory | undefined
}

/** What is worth knowing from one attempt to the next, as long as the program runs. */
export interface SubmissionMemory {
  readonly checks: FileChecks
  /** By packageDigest. */
  readonly clocks: Map<string, ServerClock>
}

export interface Submitted {
  readonly receipt: ReceiptFields
  readonly document: SignedDocument
  readonly shortCode: string
  /** The receipt was kept on this computer; nobody was asked and nothing was sent. */
  readonly already: boolean
  /** What is wrong by now with the sealed file here, which the platform has whole. */
  readonly fileFailure?: Failure
}

/** An empty memory, for several attempts. */
export function submissionMemory(): SubmissionMemory {
  return { checks: openFileChecks(), clocks: new Map() }
}

/**
 * Delivers a sealed bid: the file is verified as it lies on the disk, what is needed to go on later is written down before
 * the first byte is sent, and only a receipt that passes every check makes it delivered. Run again it goes on where the
 * platform's offsets stand. Throws `platform.*`, `tender.addendum-newer`, `seal.*`, `input.changed`, `bid.busy`, `token.*`, `cancelled`.
 */
export async function submitBid(
  ports: Ports,
  locks: Locks,
  request: SubmitRequest,
  control: SubmitControl,
): Promise<Submitted> {
  const tracker = trackSubmission(ports, control)
  const stop = oneSignal([control.signal, control.pause])
  const { signal } = stop
  try {
    // Law before format: what isn't sealed is refused as such, before any question of damage.
    if (!(await isSealedBid(request.file))) {
      await (await ports.files.open(request.file)).close()
      throw new AppFailure('platform.unsealed', 'the file is not a sealed bid')
    }
    const memory = control.memory ?? submissionMemory()
    return await withSealedBid(ports, request.file, bid => {
      if (bid.kind === 'header')
        throw new CryptoFailure('seal.container', 'this is the header alone; the bid is needed')
      const { sealDigest } = bid
      const { sealId } = bid.header
      const platform = recordedPlatform(ports, ports.platformAt(request.platformUrl, signal, control.patience), {
        sealId,
        sealDigest,
      })
      const attempt = { ports, platform, locks, bid, request, control, memory, tracker, signal }
      return oneAtATime(ports, sealId, () => attemptSubmission(attempt))
    })
  } catch (error) {
    const failure = signal.aborted ? ({ code: 'cancelled' } as const) : toFailure(error)
    tracker.ended(failure)
    if (!signal.aborted || failure.code !== 'cancelled') throw error
    throw new AppFailure('cancelled', 'stopped; what the platform has confirmed stays there', { cause: error })
  } finally {
    stop.release()
  }
}
