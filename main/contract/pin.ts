import type { Check } from './define.ts'
import type { Language } from './guards.ts'

/** The two channels of the PIN page, which has an origin, a preload and a window of its own. */
export const pinChannels = { question: 'pin.question', answer: 'pin.answer' } as const

/** What the PIN page shows before anything is typed. */
export interface PinQuestion {
  readonly language: Language
  readonly lockLabel: string
  readonly manufacturer: string
  readonly serial: string
  readonly state: 'ok' | 'few-tries' | 'last-try' | 'locked' | 'not-set' | 'unknown'
  readonly triesLeft: number | null
  /** The next wrong PIN blocks the lock: nothing is sent until the user has said that this is known. */
  readonly lastTry: boolean
  /** The PIN is typed on the lock itself; only consent is asked for here. */
  readonly onLock: boolean
  /** What the PIN is for: the act and the object, e.g. sealing a bid. */
  readonly purpose: 'seal' | 'submit' | 'withdraw' | 'release'
  /** The last PIN was wrong. */
  readonly wrong: boolean
}

/** What was typed, and agreed to. */
export interface PinAnswer {
  /** Null where the PIN is typed on the lock itself. */
  readonly pin: string | null
  /** The user knows that another wrong PIN blocks the lock. */
  readonly lastTry: boolean
}

/** The whole surface of the PIN page. */
export interface PinApi {
  readonly question: () => Promise<PinQuestion>
  /** Null gives up. Refused with `token.pin-last-try` while consent to the last try is missing. */
  readonly answer: (answer: PinAnswer | null) => Promise<void>
}

/** A PIN of 1 to 64 characters or none, with consent or without; or null for giving up. */
export const isPinAnswer: Check<PinAnswer | null> = (value): value is PinAnswer | null => {
  if (value === null) return true
  if (typeof value !== 'object') return false
  const { pin, lastTry, ...others } = value as Readonly<Record<string, unknown>>
  return (pin === null || isTypedPin(pin)) && typeof lastTry === 'boolean' && Object.keys(others).length === 0
}

/** 1 to 64 characters. */
export function isTypedPin(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 64
}
