import type { ReactNode } from 'react'
import { useText } from '../messages/index.ts'
import { EnvelopeMark, Icon } from './icons.tsx'

/** One place of the rail. */
export interface RailItem<S extends string> {
  readonly step: S
  readonly label: string
  /** Where the bid stands at this step, in a word or two. */
  readonly status: string
  readonly mark: 'proved' | 'done' | 'todo' | 'none'
}

/** The rail of a bid's life: it shows where this bid stands and lets people go back. */
export function Rail<S extends string>(props: {
  readonly items: readonly RailItem<S>[]
  /** What stands apart from the bid's life. */
  readonly tools: readonly RailItem<S>[]
  readonly current: S
  readonly onGo: (step: S) => void
  readonly foot: ReactNode
}): ReactNode {
  const text = useText()
  return (
    <aside className="rail">
      <div className="rail-name">
        <EnvelopeMark />
        <span>{text('common.appName')}</span>
      </div>
      <nav aria-label={text('common.rail.label')}>
        <ol>{props.items.map(item => railEntry(item, props.current, props.onGo))}</ol>
      </nav>
      <nav aria-label={text('common.rail.tools')} className="rail-tools">
        <ol>{props.tools.map(item => railEntry(item, props.current, props.onGo))}</ol>
      </nav>
      <div className="rail-foot">{props.foot}</div>
    </aside>
  )
}

function railEntry<S extends string>(item: RailItem<S>, current: S, onGo: (step: S) => void): ReactNode {
  return (
    <li key={item.step}>
      <button
        type="button"
        className={`rail-item rail-item-${item.mark}`}
        aria-current={item.step === current ? 'step' : undefined}
        data-testid={`nav-${item.step}`}
        onClick={() => {
          onGo(item.step)
        }}
      >
        <span className="rail-mark">{item.mark !== 'none' && <Icon name={item.mark} />}</span>
        <span className="rail-label">{item.label}</span>
        <span className="rail-status">{item.status}</span>
      </button>
    </li>
  )
}
