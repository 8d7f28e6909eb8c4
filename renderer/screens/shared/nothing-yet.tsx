import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { EnvelopeMark } from '../../components/icons.tsx'
import { Empty, Screen } from '../../components/screen.tsx'
import { place, type Step } from '../../stores/place.ts'

/** A screen that has nothing to show yet: it says what has to come first and leads there. */
export function NothingYet(props: {
  readonly title: string
  readonly sentence: string
  readonly button: string
  readonly to: Step
}): ReactNode {
  const { go } = useStore(place)
  return (
    <Screen
      title={props.title}
      primary={
        <Button
          type="primary"
          data-testid="action-next"
          onClick={() => {
            go(props.to)
          }}
        >
          {props.button}
        </Button>
      }
    >
      <Empty drawing={<EnvelopeMark large />} sentence={props.sentence} />
    </Screen>
  )
}
