import type { ReactNode } from 'react'
import { useText } from '../messages/index.ts'
import { Action } from './action.tsx'
import { Icon } from './icons.tsx'

/** The line over every screen while a rehearsal runs. */
export function RehearsalBanner(props: {
  readonly practicePin: string | null
  readonly busy: boolean
  readonly onSkip: () => void
  readonly onStop: () => void
}): ReactNode {
  const text = useText()
  return (
    <div className="banner" role="status">
      <span>{text('rehearsal.running')}</span>
      {props.practicePin !== null && (
        <span className="banner-pin">
          {text('rehearsal.pin')} <code data-testid="practice-pin">{props.practicePin}</code>
        </span>
      )}
      <span className="banner-buttons">
        <Action channel="rehearsal.skipToOpening" small disabled={props.busy} onClick={props.onSkip}>
          {text('rehearsal.skip')}
        </Action>
        <Action channel="rehearsal.stop" small disabled={props.busy} onClick={props.onStop}>
          {text('rehearsal.stop')}
        </Action>
      </span>
    </div>
  )
}

/** A sentence about the program itself that nobody should miss. */
export function SystemNotice({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="system-notice" role="note">
      <Icon name="attention" /> {children}
    </div>
  )
}
