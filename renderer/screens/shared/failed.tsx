import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { Failure } from '../../../main/contract/failure.ts'
import { FailureNotice } from '../../components/failure-notice.tsx'
import { type Situation, useText } from '../../messages/index.ts'
import { place } from '../../stores/place.ts'
import { nextStepAfter } from './next-step.ts'

/** A failure with the button that does what it says to do now. `onRetry` asks for the same thing again. */
export function Failed(props: {
  readonly failure: Failure | null
  /** In what it happened, where that changes what is true of the bid. */
  readonly situation?: Situation
  readonly onRetry?: () => void
}): ReactNode {
  const text = useText()
  const { step, go } = useStore(place)
  const { failure, situation, onRetry } = props
  if (failure === null) return null
  const told = { failure, situation }
  const next = nextStepAfter(failure.code, situation)
  if (next === 'retry') {
    if (onRetry === undefined) return <FailureNotice {...told} />
    return <FailureNotice {...told} action={{ label: text('common.failure.actions.retry'), run: onRetry }} />
  }
  // A button that leads to where one is already does nothing.
  if (next === null || next === step || next === 'record') return <FailureNotice {...told} />
  return (
    <FailureNotice
      {...told}
      action={{
        label: text(`common.failure.actions.${next}`),
        run: () => {
          go(next)
        },
      }}
    />
  )
}
