import { Button, ConfigProvider } from 'antd'
import type { ReactNode } from 'react'
import type { Channel } from '../../main/contract/requests.ts'
import { useText } from '../messages/index.ts'
import { Dialog } from './dialog.tsx'
import { irreversibleTheme } from './theme.ts'

/** What an act that can't be undone does, in three lines. */
export interface Consequences {
  readonly will: string
  readonly after: string
  readonly lock: string
}

/** The sheet before an act that can't be undone. Its button carries the verb and the object. */
export function Sheet(props: {
  readonly open: boolean
  readonly channel: Channel
  readonly title: string
  readonly consequences: Consequences
  readonly verb: string
  readonly onConfirm: () => void
  readonly onClose: () => void
}): ReactNode {
  const text = useText()
  if (!props.open) return null
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      buttons={
        <>
          <Button onClick={props.onClose} data-testid={`dismiss-${props.channel}`}>
            {text('common.cancel')}
          </Button>
          <ConfigProvider theme={irreversibleTheme}>
            <Button type="primary" onClick={props.onConfirm} data-testid={`confirm-${props.channel}`}>
              {props.verb}
            </Button>
          </ConfigProvider>
        </>
      }
    >
      <dl className="consequences">
        <dt>{text('common.sheet.will')}</dt>
        <dd>{props.consequences.will}</dd>
        <dt className="consequences-after">{text('common.sheet.after')}</dt>
        <dd>{props.consequences.after}</dd>
        <dt>{text('common.sheet.key')}</dt>
        <dd>{props.consequences.lock}</dd>
      </dl>
    </Dialog>
  )
}
