import { useRef, useState, type ReactNode, type SyntheticEvent } from 'react'
import { isTypedPin, type PinAnswer, type PinQuestion } from '../../main/contract/pin.ts'
import { pinTexts, type PinTexts } from '../messages/pin.ts'

/**
 * The PIN page: which lock, what for, how many tries are left. The PIN stands in the field alone: no state holds it, and
 * the field is emptied in the moment it is handed on. Before the last try the user must say that it is known. Main closes
 * the window or shows the page anew.
 */
export function PinPage(props: {
  readonly question: PinQuestion
  /** Null gives up. */
  readonly onAnswer: (answer: PinAnswer | null) => Promise<void>
}): ReactNode {
  const { question } = props
  const texts = pinTexts[question.language]
  const field = useRef<HTMLInputElement>(null)
  const [waiting, setWaiting] = useState(false)
  const [agreed, setAgreed] = useState(false)
  const useless = question.state === 'locked' || question.state === 'not-set'
  const closed = useless || (question.lastTry && !agreed)

  const answer = (said: PinAnswer | null): void => {
    setWaiting(true)
    // A window that is closed while it waits gets no answer.
    props.onAnswer(said).catch(() => setWaiting(false))
  }
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    // Enter in the field submits as well, whatever the button says.
    if (closed) return
    if (question.onLock) {
      answer({ pin: null, lastTry: agreed })
      return
    }
    const input = field.current
    const pin = input?.value ?? ''
    if (input === null || !isTypedPin(pin)) return
    input.value = ''
    answer({ pin, lastTry: agreed })
  }
  return (
    <form
      className="pin"
      onSubmit={submit}
      onKeyDown={({ key }) => {
        if (key === 'Escape' && !waiting) answer(null)
      }}
    >
      <p className="pin-title">{question.onLock ? texts.titleOnLock : texts.title}</p>
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
      {!question.onLock && (
        <>
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
        </>
      )}
      <p id="pin-tries" className="pin-tries" data-testid="pin-tries">
        {[question.triesLeft === null ? '' : texts.triesLeft(question.triesLeft), texts.state[question.state]]
          .filter(part => part !== '')
          .join(' · ')}
      </p>
      {question.lastTry && <LastTry {...{ texts, agreed, disabled: waiting, onChange: setAgreed }} />}
      <p className="pin-quiet">{waiting ? texts.waiting : question.onLock ? texts.onLock : texts.kept}</p>
      <div className="pin-buttons">
        <button type="button" disabled={waiting} onClick={() => answer(null)} data-testid="pin-cancel">
          {texts.cancel}
        </button>
        <button type="submit" className="pin-primary" disabled={waiting || closed} data-testid="pin-submit">
          {question.onLock ? texts.submitOnLock : texts.submit}
        </button>
      </div>
    </form>
  )
}

/** The warning before the last try, and the words to agree to. */
function LastTry(props: {
  readonly texts: PinTexts
  readonly agreed: boolean
  readonly disabled: boolean
  readonly onChange: (agreed: boolean) => void
}): ReactNode {
  const { texts, agreed, disabled, onChange } = props
  return (
    <div className="pin-last-try" role="alert" data-testid="pin-last-try">
      <p>{texts.lastTryWarning}</p>
      <label className="pin-agree">
        <input
          type="checkbox"
          checked={agreed}
          disabled={disabled}
          onChange={({ target }) => onChange(target.checked)}
          data-testid="pin-agree"
        />
        <span>{texts.lastTryAgreed}</span>
      </label>
    </div>
  )
}
