import { AppFailure } from '../../contract/failure.ts'
import type { Failure, FailureCode } from '../../contract/failure.ts'

/** Where a submission stands: one value, and no flag beside it. */
export const submissionStates = [
  /** Nothing has been done yet. */
  'ready',
  /** The sealed file is read through. */
  'verifying',
  /** The platform is asked where the bid stands, or takes in its header. */
  'beginning',
  /** The parts are on their way. */
  'uploading',
  /** Every byte is there; the receipt is asked for. */
  'completing',
  'waiting-for-network',
  'waiting-for-lock',
  /** Somebody must hand the files in, and bring the platform's answer. */
  'waiting-for-answer',
  /** Another program of this computer works on the same bid. */
  'waiting-for-turn',
  'paused',
  /** A receipt that passes every check is here. */
  'received',
  /** By the platform, or because a later package is in force: the same bid again will not be taken either. */
  'refused',
  'failed',
] as const
export type SubmissionState = (typeof submissionStates)[number]

/** What may happen to a submission. */
export const submissionEvents = [
  'verify',
  'ask',
  'send',
  'complete',
  'receipt',
  'lose-network',
  'miss-lock',
  'await-answer',
  'find-busy',
  'pause',
  'refuse',
  'fail',
  'retry',
] as const
export type SubmissionEvent = (typeof submissionEvents)[number]

/** What ends or interrupts it, from wherever it is at work. */
const interrupted = {
  'lose-network': 'waiting-for-network',
  'miss-lock': 'waiting-for-lock',
  'await-answer': 'waiting-for-answer',
  'find-busy': 'waiting-for-turn',
  pause: 'paused',
  refuse: 'refused',
  fail: 'failed',
} as const

const waiting = { retry: 'ready', pause: 'paused', refuse: 'refused', fail: 'failed' } as const

/** Every transition there is. A bid that was on its way is asked for before its file is read; others the other way round. */
const transitions: Readonly<Record<SubmissionState, Readonly<Partial<Record<SubmissionEvent, SubmissionState>>>>> = {
  ready: { verify: 'verifying', ask: 'beginning', receipt: 'received', ...interrupted },
  verifying: { ask: 'beginning', send: 'uploading', complete: 'completing', receipt: 'received', ...interrupted },
  beginning: { verify: 'verifying', send: 'uploading', receipt: 'received', ...interrupted },
  uploading: { verify: 'verifying', send: 'uploading', complete: 'completing', ...interrupted },
  completing: { verify: 'verifying', send: 'uploading', receipt: 'received', ...interrupted },
  'waiting-for-network': waiting,
  'waiting-for-lock': waiting,
  'waiting-for-answer': waiting,
  'waiting-for-turn': waiting,
  paused: { retry: 'ready' },
  received: {},
  refused: { retry: 'ready' },
  failed: { retry: 'ready' },
}

/** Where an event leads. Throws `internal` for one that can't happen there: the service has lost its way. */
export function nextState(state: SubmissionState, event: SubmissionEvent): SubmissionState {
  const next = transitions[state][event]
  if (next === undefined) throw new AppFailure('internal', `a submission that is ${state} cannot ${event}`)
  return next
}

/** Whether it will not go on by itself. */
export function hasEnded(state: SubmissionState): boolean {
  return state === 'received' || state === 'refused' || state === 'failed' || state === 'paused'
}

/** What time or a network cures. */
const cured: readonly FailureCode[] = [
  'platform.unreachable',
  'platform.storage',
  'platform.proxy',
  'platform.clock',
  'platform.nonce',
]
/** What the right lock in the slot cures. Nothing about a PIN is among them: no program tries one again by itself. */
const lockCures: readonly FailureCode[] = [
  'token.absent',
  'token.removed',
  'token.wrong-lock',
  'token.driver-crashed',
  'token.driver-hung',
]

/** What a failure makes of a submission; `retried` says that whoever called tries again by itself. */
export function eventOfFailure(failure: Failure, retried: boolean): SubmissionEvent {
  const { code, platformSays } = failure
  if (code === 'cancelled') return 'pause'
  if (retried && cured.includes(code)) return 'lose-network'
  if (retried && lockCures.includes(code)) return 'miss-lock'
  if (code === 'platform.awaiting') return retried ? 'await-answer' : 'fail'
  if (code === 'bid.busy') return retried ? 'find-busy' : 'fail'
  if (cured.includes(code)) return 'fail'
  const byPlatform = platformSays !== undefined || code.startsWith('platform.')
  return byPlatform || code === 'tender.addendum-newer' ? 'refuse' : 'fail'
}
