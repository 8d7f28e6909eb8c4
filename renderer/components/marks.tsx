import type { ReactNode } from 'react'
import { grouped } from '../messages/index.ts'
import { Icon, type IconName } from './icons.tsx'

/** How a state is shown: never by colour alone. `proved` is the only green one. */
export type Tone = 'proved' | 'plain' | 'deadline' | 'attention'

const icons: Readonly<Record<Tone, IconName>> = {
  proved: 'proved',
  plain: 'done',
  deadline: 'clock',
  attention: 'attention',
}

/** A state: an icon and a word. */
export function Mark(props: {
  readonly tone: Tone
  readonly icon?: IconName
  readonly children: ReactNode
}): ReactNode {
  return (
    <span className={`mark mark-${props.tone}`}>
      <Icon name={props.icon ?? icons[props.tone]} />
      <span>{props.children}</span>
    </span>
  )
}

/** A digest, grouped by four for comparing by eye; copied without the gaps. */
export function Digest({ hex }: { readonly hex: string }): ReactNode {
  return (
    <code className="digest">
      {grouped(hex)
        .split(' ')
        .map((group, index) => (
          // Digests don't change order: the place is the key.
          <span key={index}>{group}</span>
        ))}
    </code>
  )
}

/** The short code, large enough to be compared with paper. */
export function ShortCode({ code }: { readonly code: string }): ReactNode {
  return (
    <span className="short-code" data-testid="short-code" data-code={code}>
      {grouped(code)}
    </span>
  )
}
