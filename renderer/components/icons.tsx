import type { ReactNode } from 'react'

/** What an icon stands for; the word beside it says the same. */
export type IconName = 'proved' | 'done' | 'todo' | 'clock' | 'attention' | 'lock' | 'file' | 'seal'

/** A drawing of one line weight, of the size of the text it stands in. Hidden from screen readers: the word says it. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {drawings[name]}
    </svg>
  )
}

/** Our own mark: an envelope closed with a square seal. */
export function EnvelopeMark({ large = false }: { readonly large?: boolean }): ReactNode {
  return (
    <svg className={large ? 'envelope envelope-large' : 'envelope'} viewBox="0 0 64 48" aria-hidden="true">
      <rect className="envelope-paper" x="2" y="4" width="60" height="40" rx="2" />
      <path className="envelope-line" d="M2 6 32 27 62 6" />
      <path className="envelope-line" d="M2 43 24 22M62 43 40 22" />
      <rect className="envelope-seal" x="24" y="18" width="16" height="16" rx="1.5" />
      <path className="envelope-carving" d="M26.8 20.8h10.4v10.4H26.8ZM30.4 24.4h3.2v3.2h-3.2Z" />
    </svg>
  )
}

const drawings: Readonly<Record<IconName, ReactNode>> = {
  proved: <path d="M8 1.5 13.5 4v4c0 3.2-2.3 5.6-5.5 6.5C4.8 13.6 2.5 11.2 2.5 8V4ZM5.4 8l1.9 1.9 3.4-3.7" />,
  done: <path d="m3 8.5 3.2 3.2L13 4.8" />,
  todo: <path d="M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2Z" />,
  clock: <path d="M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8ZM8 4.6V8l2.4 1.6" />,
  attention: <path d="M8 2 14.6 13.6H1.4ZM8 6.4v3.4M8 11.4v.6" />,
  lock: <path d="M3.2 7.2h9.6v6.6H3.2ZM5.2 7.2V5a2.8 2.8 0 0 1 5.6 0v2.2M8 9.8v1.6" />,
  file: <path d="M3.8 1.8h5.4l3 3v9.4H3.8ZM9.2 1.8v3h3M6 8h4M6 10.6h4" />,
  seal: <path d="M3 3h10v10H3ZM5.4 5.8h5.2M8 5.8v4.6M5.4 10.4h5.2" />,
}
