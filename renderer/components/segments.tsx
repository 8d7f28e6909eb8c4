import type { ReactNode } from 'react'

/** Chooses one of two or three; each says in a line what it means. */
export function Segments<T extends string>(props: {
  readonly label: string
  readonly options: readonly { readonly value: T; readonly label: string; readonly note: string }[]
  readonly value: T
  readonly onChange: (value: T) => void
  readonly testId: string
  readonly disabled?: boolean
}): ReactNode {
  const chosen = props.options.find(({ value }) => value === props.value)
  return (
    <div className="segments-line">
      <div className="segments" role="group" aria-label={props.label}>
        {props.options.map(({ value, label }) => (
          <button
            key={value}
            type="button"
            aria-pressed={value === props.value}
            disabled={props.disabled ?? false}
            data-testid={`${props.testId}-${value}`}
            onClick={() => {
              props.onChange(value)
            }}
          >
            {label}
          </button>
        ))}
      </div>
      <span className="quiet">{chosen?.note}</span>
    </div>
  )
}
