import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { AppFailure } from '../contract/failure.ts'
import { ProxyAway } from './connection-failure.ts'

/** How often and how patiently something is tried again. Times are in milliseconds. */
export interface RetryPolicy {
  /** Tries without any progress between them before the last failure is handed on; at least 1. */
  readonly tries: number
  /** Longest wait before the first repetition; doubles with each further one. */
  readonly firstWait: number
  /** No wait is longer. */
  readonly longestWait: number
  /** Uniform in [0, 1); for tests. */
  readonly random?: () => number
}

/** Patient enough for a network that is away for some minutes. */
export const patientRetry: RetryPolicy = { tries: 12, firstWait: 500, longestWait: 30_000 }

/** For small requests somebody is waiting for. */
export const briskRetry: RetryPolicy = { tries: 4, firstWait: 150, longestWait: 2_000 }

/**
 * Full jitter: a wait uniform between zero and the doubled ceiling, so that a thousand clients cut off together don't
 * come back together. `repetition` counts from 0. Milliseconds.
 */
export function jitteredWait(policy: RetryPolicy, repetition: number): number {
  const ceiling = Math.min(policy.longestWait, policy.firstWait * 2 ** Math.min(repetition, 30))
  return Math.floor((policy.random ?? defaultRandom)() * ceiling)
}

/** Waits, or fails with `cancelled` as soon as the signal says so. */
export async function waitOrStop(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await wait(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    throw new AppFailure('cancelled', 'stopped at the request of the caller', { cause: signal?.reason ?? error })
  }
}

/** Runs an idempotent request again while it fails as {@link isUnreachable} says; other failures pass at once. */
export async function retrying<T>(policy: RetryPolicy, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let repetition = 0; ; repetition++) {
    try {
      return await run()
    } catch (error) {
      if (!isUnreachable(error) || repetition + 1 >= policy.tries) throw error
    }
    await waitOrStop(jitteredWait(policy, repetition), signal)
  }
}

/** Whether a failure says that the network, a proxy or the platform was away: worth another try. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ProxyAway || (error instanceof AppFailure && error.code === 'platform.unreachable')
}

function defaultRandom(): number {
  return randomInt(2 ** 32) / 2 ** 32
}
