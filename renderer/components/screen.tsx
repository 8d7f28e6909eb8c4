import type { ReactNode } from 'react'

/** One working area: what this is, the content, and at its foot the one primary button, always in the same place. */
export function Screen(props: {
  readonly title: string
  readonly lead?: string
  /** What the screen is about: the tender's title. */
  readonly about?: ReactNode
  readonly primary?: ReactNode
  readonly secondary?: ReactNode
  readonly children: ReactNode
}): ReactNode {
  return (
    <section className="screen" aria-labelledby="screen-title">
      <header className="screen-head">
        <div className="screen-head-line">
          <h1 id="screen-title">{props.title}</h1>
          {props.about !== undefined && <span className="screen-about">{props.about}</span>}
        </div>
        {props.lead !== undefined && <p className="screen-lead">{props.lead}</p>}
      </header>
      <div className="screen-body" tabIndex={-1}>
        {props.children}
      </div>
      {(props.primary !== undefined || props.secondary !== undefined) && (
        <footer className="screen-foot">
          <div className="screen-foot-secondary">{props.secondary}</div>
          <div className="screen-foot-primary">{props.primary}</div>
        </footer>
      )}
    </section>
  )
}

/** A part of a screen with a heading of its own. */
export function Part(props: {
  readonly title: string
  readonly note?: ReactNode
  readonly aside?: ReactNode
  readonly children: ReactNode
}): ReactNode {
  return (
    <section className="part">
      <div className="part-head">
        <h2>{props.title}</h2>
        {props.note !== undefined && <span className="part-note">{props.note}</span>}
        {props.aside !== undefined && <span className="part-aside">{props.aside}</span>}
      </div>
      {props.children}
    </section>
  )
}

/** A screen with nothing on it yet: one sentence that teaches, one action. */
export function Empty(props: {
  readonly drawing: ReactNode
  readonly sentence: string
  readonly children?: ReactNode
}): ReactNode {
  return (
    <div className="empty">
      {props.drawing}
      <p>{props.sentence}</p>
      {props.children}
    </div>
  )
}
