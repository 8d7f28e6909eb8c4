import { AppFailure } from '../../contract/failure.ts'
import type { Failure } from '../../contract/failure.ts'
import { jitteredWait, waitOrStop } from '../../http/index.ts'
import type { RetryPolicy } from '../../http/index.ts'
import { withLock } from '../../store/index.ts'
import type { DeliveryState } from '../../store/index.ts'
import type { SubmissionStatus } from '../delivery/submission-status.ts'
import { eventOfFailure } from '../delivery/submission-state.ts'
import type { SubmissionEvent } from '../delivery/submission-state.ts'
import { submissionMemory, submitBid } from '../delivery/submit.ts'
import type { SubmissionMemory, Submitted } from '../delivery/submit.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import { effectiveDates } from '../tenders/notices.ts'
import { importedTender } from '../tenders/tender-file.ts'
import type { Locks } from '../tokens/locks.ts'
import type { Trust } from '../trust.ts'
import { queuedBid, queuedBids, queueLock, removeFromQueue, saveQueued } from './queue-file.ts'
import type { QueuedBid } from './queue-file.ts'

export interface RunQueueRequest {
  readonly trust: Trust
  /**
   * Opens the locks of a run; `order` has every URI, which decides the order in which PINs are given. Asked for each URI, and
   * again when its lock was pulled or its driver died: its PIN must be typed again then.
   */
  openLocks(order: readonly string[]): Locks
  /** How patiently the network and the locks are waited for; usually a minute between two tries at most. */
  readonly patience?: RetryPolicy
}

/** How the work on the queue is watched and stopped. */
export interface QueueControl {
  readonly signal: AbortSignal | undefined
  readonly onState?: ((bid: QueuedBid, status: SubmissionStatus) => void) | undefined
  /** A lock that will have to sign is not there; it is waited for. */
  readonly onMissingLock?: ((token: string, failure: Failure) => void) | undefined
}

/** What a bid's turn ended in. */
export type QueueOutcome =
  | { readonly bid: QueuedBid; readonly submitted: Submitted }
  /** It stays in the queue, with what was said, and is tried again by the next run. */
  | { readonly bid: QueuedBid; readonly failure: Failure }

/** While others wait for their turn nobody is tried for long. */
const shortPatience: RetryPolicy = { tries: 2, firstWait: 500, longestWait: 1_000 }

const usualPatience: RetryPolicy = { tries: Number.MAX_SAFE_INTEGER, firstWait: 2_000, longestWait: 60_000 }

/**
 * Submits what waits in the queue, the earliest deadline first and those that are too late by the platform's time last, and
 * waits for the network and the locks as long as it takes; a bid whose network is away lets the others go on. Ends when
 * nothing waits that could still go; what is taken out of the queue meanwhile is not begun any more. PINs are asked for at
 * the start, so that nobody has to sit beside it. Killed and run again it goes on. Throws `cancelled`, and `bid.busy` when
 * another program works on the queue.
 */
export function runQueue(
  ports: Ports,
  request: RunQueueRequest,
  control: QueueControl,
): Promise<readonly QueueOutcome[]> {
  return withLock(
    queueLock(ports),
    () => workOff(ports, request, control),
    () => new AppFailure('bid.busy', 'another program works on the queue'),
  )
}

/** A run over the queue. */
interface Run {
  readonly ports: Ports
  readonly request: RunQueueRequest
  readonly control: QueueControl
  readonly memory: SubmissionMemory
  readonly ring: LockRing
  /** By sealDigest. */
  readonly ended: Map<string, QueueOutcome>
}

async function workOff(
  ports: Ports,
  request: RunQueueRequest,
  control: QueueControl,
): Promise<readonly QueueOutcome[]> {
  const patience = request.patience ?? usualPatience
  const ring = lockRing(request)
  const run: Run = { ports, request, control, memory: submissionMemory(), ring, ended: new Map() }
  try {
    for (let repetition = 0; ; repetition += 1) {
      const waiting = inTurn(run, (await queuedBids(ports)).bids)
      if (waiting.length === 0) return [...run.ended.values()]
      const before = run.ended.size
      await readyLocks(run, waiting)
      for (const bid of waiting) if (!run.ended.has(bid.sealDigest)) await attempt(run, bid, waiting)
      if (run.ended.size > before) repetition = -1
      else await waitOrStop(jitteredWait(patience, repetition), control.signal)
    }
  } finally {
    await ring.close()
  }
}

/** Who has not ended; too late by the platform's own time, as far as it is known, is last. */
function inTurn({ memory, ended }: Run, bids: readonly QueuedBid[]): readonly QueuedBid[] {
  const isLate = ({ packageDigest, until }: QueuedBid): boolean => {
    const now = memory.clocks.get(packageDigest)?.now() ?? null
    return now !== null && now.getTime() >= Date.parse(until)
  }
  const open = bids.filter(({ sealDigest }) => !ended.has(sealDigest))
  return [...open.filter(bid => !isLate(bid)), ...open.filter(isLate)]
}

/** The locks of a run, one ring for each URI, so that one that is pulled takes nobody else's session with it. */
interface LockRing {
  know(tokens: readonly string[]): void
  of(token: string): Locks
  /** The lock was not there, or its driver died: what is known of it is not true any more. */
  forget(token: string): Promise<void>
  close(): Promise<void>
}

function lockRing(request: RunQueueRequest): LockRing {
  const order: string[] = []
  const open = new Map<string, Locks>()
  return {
    know(tokens) {
      order.push(...tokens.filter(token => !order.includes(token)))
    },
    of(token) {
      const locks = open.get(token) ?? request.openLocks([...order])
      open.set(token, locks)
      return locks
    },
    async forget(token) {
      const locks = open.get(token)
      open.delete(token)
      await locks?.close()
    },
    async close() {
      await Promise.all([...open.values()].map(locks => locks.close()))
      open.clear()
    },
  }
}

const unsignedStates: readonly DeliveryState[] = ['sealed', 'submitting']

/** Logs in to the locks that will have to sign, so that PINs are asked for now and not when the network comes back. */
async function readyLocks(run: Run, bids: readonly QueuedBid[]): Promise<void> {
  const { ports, ring, control } = run
  const needed: string[] = []
  for (const { sealId, token } of bids) {
    const delivery = await ports.deliveries.get(sealId).catch(() => null)
    const unsigned = delivery === null || delivery.withdrawing === true || unsignedStates.includes(delivery.state)
    if (unsigned && !needed.includes(token)) needed.push(token)
  }
  ring.know(needed)
  for (const token of needed) {
    try {
      await ring.of(token).signer(token)
    } catch (error) {
      const failure = toFailure(error)
      const event = eventOfFailure(failure, true)
      if (event === 'pause' || control.signal?.aborted) throw error
      if (event === 'miss-lock') {
        await ring.forget(token)
        control.onMissingLock?.(token, failure)
      } else await endAll(run, bids, token, failure)
    }
  }
}

/** One attempt; a bid that is to be tried again has not ended afterwards. One that has left the queue is not begun. */
async function attempt(run: Run, { sealId }: QueuedBid, bids: readonly QueuedBid[]): Promise<void> {
  const { ports, request, ring, memory, control, ended } = run
  const bid = await queuedBid(ports, sealId)
  if (bid === null) return
  const { file, platform: platformUrl, token } = bid
  const others = bids.some(each => each.sealId !== sealId && !ended.has(each.sealDigest))
  ring.know([token])
  try {
    const submitted = await submitBid(
      ports,
      ring.of(token),
      { file, platformUrl, token, trust: request.trust },
      {
        ...{ signal: control.signal, memory, retried: true },
        ...(others ? { patience: shortPatience } : {}),
        onState: status => control.onState?.(bid, status),
      },
    )
    await removeFromQueue(ports, bid.sealId)
    ended.set(bid.sealDigest, { bid, submitted })
  } catch (error) {
    const failure = toFailure(error)
    const event = eventOfFailure(failure, true)
    if (event === 'pause' || control.signal?.aborted) throw error
    if (event === 'miss-lock') await ring.forget(token)
    if (waitEvents.includes(event)) await followDeadline(ports, bid)
    else if (failure.code.startsWith('token.pin')) await endAll(run, bids, token, failure)
    else await end(run, bid, failure)
  }
}

/** What is tried again by itself. */
const waitEvents: readonly SubmissionEvent[] = ['lose-network', 'miss-lock', 'await-answer', 'find-busy']

/** A PIN that was refused ends every bid of that lock: another try would use it up. */
async function endAll(run: Run, bids: readonly QueuedBid[], token: string, failure: Failure): Promise<void> {
  for (const bid of bids) if (bid.token === token && !run.ended.has(bid.sealDigest)) await end(run, bid, failure)
}

/** The bid stays in the queue with what was said, unless its owner has taken it out meanwhile. */
async function end({ ports, ended }: Run, bid: QueuedBid, failure: Failure): Promise<void> {
  ended.set(bid.sealDigest, { bid, failure })
  const current = await queuedBid(ports, bid.sealId)
  if (current === null) return
  const says = failure.platformSays === undefined ? {} : { platformSays: failure.platformSays }
  await saveQueued(ports, { ...current, last: { code: failure.code, ...says, at: ports.clock.now().toISOString() } })
}

/** A deadline that was moved meanwhile changes whose turn it is; a bid that was taken out of the queue stays out. */
async function followDeadline(ports: Ports, bid: QueuedBid): Promise<void> {
  const tender = await importedTender(ports, bid.packageDigest)
  if (tender === null) return
  const until = (await effectiveDates(ports, tender)).deadline.toISOString()
  const current = await queuedBid(ports, bid.sealId)
  if (current !== null && until !== current.until) await saveQueued(ports, { ...current, until })
}
