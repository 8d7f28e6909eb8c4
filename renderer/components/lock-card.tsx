import type { ReactNode } from 'react'
import type { LockView } from '../../main/contract/views.ts'
import { useText } from '../messages/index.ts'
import { Certificates } from './certificates.tsx'
import { Icon } from './icons.tsx'
import { Mark } from './marks.tsx'

/** One lock: whose it is, the state of its PIN, its certificates. */
export function LockCard({ lock, now }: { readonly lock: LockView; readonly now: number }): ReactNode {
  const text = useText()
  return (
    <article className="lock" data-testid="lock" data-lock={lock.lock}>
      <div className="lock-head">
        <h3>
          <Icon name="lock" /> {lock.label}
        </h3>
        <span className="quiet">
          {[text(`locks.kind.${lock.kind}`), lock.manufacturer].filter(part => part !== '').join(' · ')}
          {/* A soft lock has none. */}
          {lock.serial !== '' && (
            <>
              {' · '}
              {text('locks.serial')} <code>{lock.serial}</code>
            </>
          )}
        </span>
        <PinState pin={lock.pin} />
      </div>
      <Certificates certificates={lock.certificates} now={now} />
      {lock.kind === 'soft' && <p className="quiet">{text('locks.softAdvice')}</p>}
    </article>
  )
}

function PinState({ pin }: { readonly pin: LockView['pin'] }): ReactNode {
  const text = useText()
  const parts = [
    `${text('locks.pin')} ${text(`locks.pinState.${pin.state}`)}`,
    ...(pin.triesLeft === null ? [] : [text('locks.triesLeft', { number: pin.triesLeft })]),
    ...(pin.protectedPath ? [text('locks.protectedPath')] : []),
  ]
  const fine = pin.state === 'ok' || pin.state === 'unknown'
  return <Mark tone={fine ? 'plain' : 'attention'}>{parts.join(' · ')}</Mark>
}
