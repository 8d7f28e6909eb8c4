import type { LockId } from '../../../main/contract/ids.ts'
import type { LockView } from '../../../main/contract/views.ts'

const month = 30 * 86_400_000

/** The lock that is offered first: the chosen one while it is there, else one with a label that is asked for, else any. */
export function offeredLock(
  locks: readonly LockView[],
  chosen: LockId | null,
  labels: readonly string[] = [],
): LockView | null {
  return (
    locks.find(({ lock }) => lock === chosen) ?? locks.find(({ label }) => labels.includes(label)) ?? locks[0] ?? null
  )
}

/** How long a lock's certificate for a use lasts, measured by an opening. */
export type Lasting = 'long' | 'soon-after-opening' | 'not-to-opening'

/** When the longest-lasting certificate of a lock for a use ends; null without one. */
export function lastsUntil(lock: LockView, use: 'sign' | 'decrypt'): string | null {
  const ends = lock.certificates.filter(({ uses }) => uses.includes(use)).map(({ notAfter }) => notAfter)
  return ends.reduce<string | null>(
    (latest, end) => (latest === null || Date.parse(end) > Date.parse(latest) ? end : latest),
    null,
  )
}

/** Whether a certificate that ends at `notAfter` serves until the opening and a month beyond. */
export function lasting(notAfter: string, openingTime: string): Lasting {
  const left = Date.parse(notAfter) - Date.parse(openingTime)
  if (left <= 0) return 'not-to-opening'
  return left < month ? 'soon-after-opening' : 'long'
}
