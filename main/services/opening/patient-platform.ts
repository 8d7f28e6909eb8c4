import { jitteredWait, patientRetry, waitOrStop } from '../../http/index.ts'
import type { RetryPolicy } from '../../http/index.ts'
import type { Platform } from '../../platform/index.ts'
import type { OpeningNews } from './news.ts'
import { isPassing } from './passing.ts'

/** The small questions of an opening. A release has patience of its own, and so has a part on its way. */
const small = [
  'nonce',
  'tenders',
  'notices',
  'header',
  'opening',
  'signIn',
  'challenge',
  'record',
  'confirm',
  'object',
  'sealedDigests',
  'beginSubmission',
  'beginTwin',
  'completeTwin',
] as const satisfies readonly (keyof Platform)[]

/**
 * A platform whose small questions are asked again while the network or the platform is away, for some minutes: at the opening nobody
 * should have to type a command twice. Each may be sent again by the port's own promise. A fault that lasts is thrown.
 */
export function patientPlatform(
  platform: Platform,
  signal: AbortSignal | undefined,
  onNews: ((news: OpeningNews) => void) | undefined,
  policy: RetryPolicy = patientRetry,
): Platform {
  const patiently =
    <A extends unknown[], T>(ask: (...asked: A) => Promise<T>) =>
    async (...asked: A): Promise<T> => {
      for (let repetition = 0; ; repetition += 1) {
        try {
          const answer = await ask(...asked)
          if (repetition > 0) onNews?.({ kind: 'back' })
          return answer
        } catch (error) {
          if (!isPassing(error) || repetition + 1 >= policy.tries) throw error
          if (repetition === 0) onNews?.({ kind: 'away', failure: error })
        }
        await waitOrStop(jitteredWait(policy, repetition), signal)
      }
    }
  const patient = Object.create(platform) as Record<string, unknown>
  for (const name of small) {
    const ask = platform[name].bind(platform) as (...asked: unknown[]) => Promise<unknown>
    patient[name] = patiently(ask)
  }
  return patient as unknown as Platform
}
