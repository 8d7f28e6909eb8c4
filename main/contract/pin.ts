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
  /** What the PIN is for: the act and the object, e.g. sealing a bid. */
  readonly purpose: 'seal' | 'submit' | 'withdraw' | 'release'
  /** The last PIN was wrong. */
  readonly wrong: boolean
}

/** The whole surface of the PIN page. */
export interface PinApi {
  readonly question: () => Promise<PinQuestion>
  /** Null gives up. */
  readonly answer: (pin: string | null) => Promise<void>
}

/** 1 to 64 characters, or null for giving up. */
export const isPinAnswer: Check<string | null> = (value): value is string | null =>
  value === null || (typeof value === 'string' && value.length >= 1 && value.length <= 64)
