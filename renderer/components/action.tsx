import { Button, ConfigProvider } from 'antd'
import type { ReactNode } from 'react'
import type { Channel } from '../../main/contract/requests.ts'
import { irreversibleTheme } from './theme.ts'

/** A button that asks main for something; it carries verb and object. */
export function Action(props: {
  readonly channel: Channel
  readonly onClick: () => void
  readonly children: ReactNode
  readonly primary?: boolean
  readonly irreversible?: boolean
  readonly disabled?: boolean
  readonly small?: boolean
  /** What it acts on, where several of the kind stand on one screen. */
  readonly on?: string
  /** The full sentence for screen readers, where the button is short. */
  readonly label?: string
}): ReactNode {
  const button = (
    <Button
      type={props.primary === true ? 'primary' : 'default'}
      size={props.small === true ? 'small' : 'middle'}
      disabled={props.disabled ?? false}
      onClick={props.onClick}
      data-testid={`action-${props.channel}`}
      {...(props.on === undefined ? {} : { 'data-on': props.on })}
      {...(props.label === undefined ? {} : { 'aria-label': props.label })}
    >
      {props.children}
    </Button>
  )
  return props.irreversible === true ? <ConfigProvider theme={irreversibleTheme}>{button}</ConfigProvider> : button
}
