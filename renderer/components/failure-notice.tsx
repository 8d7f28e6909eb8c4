import { Button } from 'antd'
import { useRef, useState, type ReactNode } from 'react'
import type { Failure } from '../../main/contract/failure.ts'
import { type Situation, useFailureText, useText } from '../messages/index.ts'
import { Icon } from './icons.tsx'

/** A failure in three parts — what happened, is my bid safe, what to do now — and its code, small and copyable. */
export function FailureNotice(props: {
  readonly failure: Failure
  /** In what it happened, where that changes what is true. */
  readonly situation?: Situation | undefined
  /** The button that does what the third part says. */
  readonly action?: { readonly label: string; readonly run: () => void }
}): ReactNode {
  const text = useText()
  const wording = useFailureText()
  const { code, because, platformSays } = props.failure
  const { what, safe, next } = wording(code, props.situation)
  return (
    <div className="failure" role="alert">
      <dl>
        <dt>
          <Icon name="attention" />
          {text('common.failure.what')}
        </dt>
        <dd className="failure-what">
          {what}
          {because !== undefined && (
            <div>
              {text('common.failure.because')}
              {text('common.colon')}
              {wording(because).what}
            </div>
          )}
          {platformSays !== undefined && (
            <div>
              {text('common.failure.platformSays')}
              {text('common.colon')}
              <q>{platformSays}</q>
            </div>
          )}
        </dd>
        <dt>{text('common.failure.safe')}</dt>
        <dd>{safe}</dd>
        <dt>{text('common.failure.next')}</dt>
        <dd>
          {next}
          {props.action !== undefined && (
            <Button size="small" className="failure-action" onClick={props.action.run} data-testid="failure-action">
              {props.action.label}
            </Button>
          )}
        </dd>
      </dl>
      <CodeLine failure={props.failure} />
    </div>
  )
}

/** The code; of a fault of the program also its incident number, which the log has too. */
function CodeLine({ failure: { code, because, detail } }: { readonly failure: Failure }): ReactNode {
  const text = useText()
  const line = useRef<HTMLSpanElement>(null)
  const [copied, setCopied] = useState(false)
  return (
    <p className="failure-code">
      {text('common.failure.code')}{' '}
      <span ref={line}>
        <code data-testid="failure-code">{code}</code>
        {because !== undefined && <code> {because}</code>}
        {code === 'internal' && detail !== undefined && <code> {detail}</code>}
      </span>
      <Button
        type="link"
        size="small"
        onClick={() => {
          setCopied(line.current !== null && copyText(line.current))
        }}
      >
        {copied ? text('common.copied') : text('common.copy')}
      </Button>
    </p>
  )
}

/** Copies what stands in an element: the page has no permission for the clipboard interface, but it may copy its selection. */
function copyText(element: HTMLElement): boolean {
  const selection = getSelection()
  selection?.selectAllChildren(element)
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the one way that needs no permission
  return document.execCommand('copy')
}
