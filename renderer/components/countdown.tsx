import type { ReactNode } from 'react'
import { countdown, useLanguage } from '../messages/index.ts'

const hour = 3_600_000

/** Time left, the largest thing on the screens where time counts. Its last hour changes weight, not tempo. */
export function Countdown(props: {
  readonly label: string
  /** Milliseconds; zero or less when the time has come. */
  readonly left: number
  /** The moment it counts to. */
  readonly moment: string
  /** Which clock this is, and how far it may be off. */
  readonly clock: string
}): ReactNode {
  const language = useLanguage()
  const past = props.left <= 0
  const weight = past ? 'past' : props.left < hour ? 'last-hour' : 'far'
  return (
    <div className={`countdown countdown-${weight}`} role="timer" aria-label={props.label}>
      <span className="countdown-label">{props.label}</span>
      <span className="countdown-left">{countdown(props.left, language)}</span>
      <span className="countdown-moment">{props.moment}</span>
      <span className="countdown-clock">{props.clock}</span>
    </div>
  )
}
