import type { TokenSummary } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { Language } from '../contract/guards.ts'
import type { PinAnswer, PinQuestion } from '../contract/pin.ts'
import { isLastTry } from '../services/index.ts'
import type { GivenPin } from '../services/index.ts'
import type { PinAnswers } from './gate.ts'

/** The window of one question. */
export interface PinWindow {
  /** Harmless when it has been closed. */
  close(): void
}

/** Shows the PIN page; `onClosed` is called once it is gone, whoever closed it. */
export type ShowPinWindow = (onClosed: () => void) => PinWindow

export interface PinAsk {
  readonly token: TokenSummary
  readonly purpose: PinQuestion['purpose']
  /** The last PIN was wrong. */
  readonly wrong: boolean
}

/** Where PINs are asked for: one question, one window at a time. PINs pass through and are never kept. */
export interface PinDesk extends PinAnswers {
  /** What the user typed and agreed to. Throws `cancelled` when they give up or the job is cancelled. */
  ask(request: PinAsk, signal: AbortSignal): Promise<GivenPin>
}

interface Pending {
  readonly question: PinQuestion
  readonly settle: (answer: PinAnswer | null) => void
}

export function openPinDesk(show: ShowPinWindow, language: () => Language): PinDesk {
  let pending: Pending | null = null
  let last: Promise<unknown> = Promise.resolve()

  function askNow({ token, purpose, wrong }: PinAsk, signal: AbortSignal): Promise<GivenPin> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => settle(null)
      const settle = (answer: PinAnswer | null): void => {
        if (pending !== mine) return
        pending = null
        signal.removeEventListener('abort', giveUp)
        window.close()
        if (answer === null) reject(new AppFailure('cancelled', 'no PIN was given'))
        else resolve({ pin: answer.pin, ...(answer.lastTry ? { consent: { lastTry: true } } : {}) })
      }
      const mine: Pending = { question: questionAbout(token, purpose, wrong, language()), settle }
      pending = mine
      const window = show(giveUp)
      if (signal.aborted) giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  const current = (): Pending => {
    if (pending === null) throw new AppFailure('token.pin-required', 'no PIN is being asked for')
    return pending
  }
  return {
    ask(request, signal) {
      const answer = last.then(() => askNow(request, signal))
      last = answer.catch(() => undefined)
      return answer
    },
    question: () => current().question,
    answer(answer) {
      const { question, settle } = current()
      if (answer !== null) requireAnswerTo(question, answer)
      // What nobody was asked for nobody has agreed to.
      settle(answer === null ? null : { ...answer, lastTry: answer.lastTry && question.lastTry })
    },
  }
}

/** The page does not let an answer through that lacks something; neither does this side, which is the one that counts. */
function requireAnswerTo({ lastTry, onLock }: PinQuestion, answer: PinAnswer): void {
  if (lastTry && !answer.lastTry) {
    throw new AppFailure('token.pin-last-try', 'one try is left, and nobody has agreed to use it')
  }
  if (onLock !== (answer.pin === null))
    throw new AppFailure('bridge.arguments', 'a PIN where none is asked for, or none')
}

function questionAbout(
  { label, manufacturer, serial, pin }: TokenSummary,
  purpose: PinQuestion['purpose'],
  wrong: boolean,
  language: Language,
): PinQuestion {
  return {
    ...{ language, purpose, wrong, manufacturer, serial },
    lockLabel: label,
    state: pin.state,
    triesLeft: pin.triesLeft ?? null,
    lastTry: isLastTry(pin),
    onLock: pin.protectedPath,
  }
}
