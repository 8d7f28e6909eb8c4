import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { Failure } from '../../../main/contract/failure.ts'
import { FailureNotice } from '../../components/failure-notice.tsx'
import { useText } from '../../messages/index.ts'
import { place } from '../../stores/place.ts'
import { nextSteps } from './next-step.ts'

/** A failure with the button that does what it says to do now. `onRetry` asks for the same thing again. */
export function Failed(props: { readonly failure: Failure | null; readonly onRetry?: () => void }): ReactNode {
  const text = useText()
  const { step, go } = useStore(place)
  if (props.failure === null) return null
  const next = nextSteps[props.failure.code]
  const { onRetry } = props
  if (next === 'retry') {
    if (onRetry === undefined) return <FailureNotice failure={props.failure} />
    return (
      <FailureNotice failure={props.failure} action={{ label: text('common.failure.actions.retry'), run: onRetry }} />
    )
  }
  // A button that leads to where one is already does nothing.
  if (next === null || next === step || next === 'record') return <FailureNotice failure={props.failure} />
  return (
    <FailureNotice
      failure={props.failure}
      action={{
        label: text(`common.failure.actions.${next}`),
        run: () => {
          go(next)
        },
      }}
    />
  )
}
