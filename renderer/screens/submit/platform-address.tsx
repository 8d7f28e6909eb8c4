import { Button, Input } from 'antd'
import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { isPlatformAddress } from '../../../main/contract/guards.ts'
import type { TenderView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { useText } from '../../messages/index.ts'
import { tenders } from '../../stores/tenders.ts'
import { Failed } from '../shared/failed.tsx'

/** Where the platform of a tender is reached: shown once known, and changed only on purpose. */
export function PlatformAddress({ tender }: { readonly tender: TenderView }): ReactNode {
  const text = useText()
  const { busy, failure, setPlatform } = useStore(tenders)
  const [typed, setTyped] = useState<string | null>(tender.platformAddress === null ? '' : null)
  const address = typed?.trim() ?? ''
  const valid = isPlatformAddress(address)
  const save = async (): Promise<void> => {
    if (!valid) return
    await setPlatform(tender.tender, address)
    if (tenders.getState().failure === null) setTyped(null)
  }
  return (
    <div className="field field-wide">
      <label htmlFor="platform-address">{text('submit.platformAddress')}</label>
      <div className="field-line">
        <Input
          id="platform-address"
          data-testid="input-platform-address"
          maxLength={300}
          readOnly={typed === null}
          value={typed ?? tender.platformAddress ?? ''}
          placeholder={text('submit.platformAddressHint')}
          onChange={({ target }) => setTyped(target.value)}
          onPressEnter={() => void save()}
        />
        {typed === null ? (
          <Button data-testid="change-platform-address" onClick={() => setTyped(tender.platformAddress ?? '')}>
            {text('submit.changeAddress')}
          </Button>
        ) : (
          <Action channel="tender.setPlatform" disabled={busy || !valid} onClick={() => void save()}>
            {text('submit.saveAddress')}
          </Action>
        )}
      </div>
      {address !== '' && !valid && <span className="quiet">{text('submit.badAddress')}</span>}
      <Failed failure={failure} onRetry={() => void save()} />
    </div>
  )
}
