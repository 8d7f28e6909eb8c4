import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { place, type Step } from '../../stores/place.ts'

/** Leads to another screen. */
export function GoButton(props: {
  readonly to: Step
  readonly primary?: boolean
  readonly children: ReactNode
}): ReactNode {
  const { go } = useStore(place)
  return (
    <Button
      type={props.primary === true ? 'primary' : 'default'}
      data-testid="action-next"
      onClick={() => {
        go(props.to)
      }}
    >
      {props.children}
    </Button>
  )
}
