import { useRef, useState, type ReactNode, type SyntheticEvent } from 'react'
import { isPinAnswer, type PinQuestion } from '../../main/contract/pin.ts'
import { pinTexts } from '../messages/pin.ts'

/**
 * The PIN page: which lock, what for, how many tries are left. The PIN stands in the field alone: no state holds it, and
 * the field is emptied in the moment it is handed on. Main closes the window or shows the page anew.
 */
export function PinPage(props: {
  readonly question: PinQuestion
  /** Null gives up. */
  readonly onAnswer: (pin: string | null) => Promise<void>
}): ReactNode {
  const { question } = props
  const texts = pinTexts[question.language]
  const field = useRef<HTMLInputElement>(null)
  const [waiting, setWaiting] = useState(false)
  const useless = question.state === 'locked' || question.state === 'not-set'

  const answer = (pin: string | null): void => {
    setWaiting(true)
    // A window that is closed while it waits gets no answer.
    props.onAnswer(pin).catch(() => setWaiting(false))
  }
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    const input = field.current
    const pin = input?.value ?? ''
    if (input === null || pin === '' || !isPinAnswer(pin)) return
    input.value = ''
    answer(pin)
  }
  return (
    <form
      className="pin"
      onSubmit={submit}
      onKeyDown={({ key }) => {
        if (key === 'Escape' && !waiting) answer(null)
      }}
    >
      <p className="pin-title">{texts.title}</p>
      <h1>{question.lockLabel}</h1>
      <p className="pin-quiet">
        {/* A soft lock has no serial number. */}
        {[question.manufacturer, question.serial === '' ? '' : `${texts.serial} ${question.serial}`]
          .filter(part => part !== '')
          .join(' · ')}
      </p>
      <p className="pin-purpose">{texts.purpose[question.purpose]}</p>
      {question.wrong && (
        <p className="pin-notice" role="alert" data-testid="pin-wrong">
          {texts.wrong}
        </p>
      )}
      <label htmlFor="pin">{texts.pin}</label>
      <input
        id="pin"
        ref={field}
        type="password"
        autoComplete="off"
        maxLength={64}
        autoFocus
        disabled={waiting || useless}
        aria-describedby="pin-tries"
        data-testid="pin-input"
      />
      <p id="pin-tries" className="pin-tries" data-testid="pin-tries">
        {[question.triesLeft === null ? '' : texts.triesLeft(question.triesLeft), texts.state[question.state]]
          .filter(part => part !== '')
          .join(' · ')}
      </p>
      <p className="pin-quiet">{waiting ? texts.waiting : texts.kept}</p>
      <div className="pin-buttons">
        <button type="button" disabled={waiting} onClick={() => answer(null)} data-testid="pin-cancel">
          {texts.cancel}
        </button>
        <button type="submit" className="pin-primary" disabled={waiting || useless} data-testid="pin-submit">
          {texts.submit}
        </button>
      </div>
    </form>
  )
}
