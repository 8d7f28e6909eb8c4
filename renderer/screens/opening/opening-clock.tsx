import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { TenderView } from '../../../main/contract/views.ts'
import { Countdown } from '../../components/countdown.tsx'
import { duration, moment, useLanguage, useText } from '../../messages/index.ts'
import { opening } from '../../stores/opening.ts'
import { useNow } from '../shared/use-now.ts'

/** Where the opening stands and how long there is, by the server's clock; by this computer's until it has answered. */
export function OpeningClock({ tender }: { readonly tender: TenderView }): ReactNode {
  const text = useText()
  const language = useLanguage()
  const { view, clock } = useStore(opening)
  const { wall, monotonic } = useNow()
  const state = view?.state ?? 'unknown'
  const target = view?.state === 'open' ? view.closesAt : (view?.openingTime ?? tender.openingTime)
  const now = clock === null ? wall : monotonic + clock.offset
  const clockName =
    clock === null
      ? text('common.left.localClock')
      : text('common.left.serverClock', { uncertainty: duration(clock.uncertainty, language) })
  return (
    <div className="opening-clock">
      <p className="opening-state" data-testid="opening-state" data-state={state} aria-live="polite">
        <strong>{text(`opening.state.${state}`)}</strong>
        {view !== null && (
          <span className="quiet figures">
            {text('opening.serverTime')} {moment(now)}
          </span>
        )}
        {view !== null && view.state !== 'waiting' && (
          <span className="figures">{text('opening.bids', { released: view.released, bids: view.bids })}</span>
        )}
      </p>
      {state === 'closed' ? null : target === null ? (
        <p className="quiet">{text('opening.noEnd')}</p>
      ) : (
        <Countdown
          label={text(state === 'open' ? 'opening.untilClose' : 'opening.untilOpening')}
          left={Date.parse(target) - now}
          moment={moment(target)}
          clock={clockName}
        />
      )}
    </div>
  )
}
