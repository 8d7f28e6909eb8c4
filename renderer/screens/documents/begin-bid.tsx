import { Input } from 'antd'
import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { TenderView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { EnvelopeMark } from '../../components/icons.tsx'
import { Empty, Screen } from '../../components/screen.tsx'
import { nameOf, useText } from '../../messages/index.ts'
import { bids } from '../../stores/bids.ts'
import { locks, locksFor } from '../../stores/locks.ts'
import { Failed } from '../shared/failed.tsx'

/** Begins a bid: all it needs is the bidder's name, which the certificate in the lock usually knows. */
export function BeginBid({ tender }: { readonly tender: TenderView }): ReactNode {
  const text = useText()
  const { busy, failure, create } = useStore(bids)
  const holder = locksFor(useStore(locks).modules, { use: 'sign', practice: tender.practice })[0]?.certificates[0]
    ?.subject
  const [typed, setTyped] = useState<string | null>(null)
  const name = (typed ?? (holder === undefined ? '' : nameOf(holder))).trim()
  const begin = (): void => {
    if (name !== '') void create(tender.tender, name)
  }
  return (
    <Screen
      title={text('documents.title')}
      about={tender.title}
      primary={
        <Action channel="bid.create" primary disabled={busy || name === ''} onClick={begin}>
          {text('documents.create')}
        </Action>
      }
    >
      <Failed failure={failure} onRetry={begin} />
      <Empty drawing={<EnvelopeMark large />} sentence={text('documents.empty')}>
        <div className="field empty-field">
          <label htmlFor="bidder-name">{text('documents.bidderName')}</label>
          <Input
            id="bidder-name"
            data-testid="input-bidder-name"
            maxLength={200}
            value={typed ?? name}
            onChange={({ target }) => setTyped(target.value)}
            onPressEnter={begin}
            aria-describedby="bidder-name-hint"
          />
          <span id="bidder-name-hint" className="quiet">
            {text('documents.bidderNameHint')}
          </span>
        </div>
      </Empty>
    </Screen>
  )
}
