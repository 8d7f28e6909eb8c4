import type { ReactNode } from 'react'

/** One fact: its name and its value. */
export type Fact = readonly [name: string, value: ReactNode]

/** Facts in two columns, names on the left. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }): ReactNode {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
