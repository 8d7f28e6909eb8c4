import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { Screen } from '../../components/screen.tsx'
import { useText } from '../../messages/index.ts'
import { sealed } from '../../stores/sealed.ts'
import { Failed } from './failed.tsx'

/** A screen while it is not known which sealed bids there are: they are being read, or could not be, with the way to retry. */
export function NotListed({ title }: { readonly title: string }): ReactNode {
  const text = useText()
  const { unread, load } = useStore(sealed)
  return (
    <Screen title={title}>
      {unread === null ? (
        <p className="quiet" data-testid="reading">
          {text('common.loading')}
        </p>
      ) : (
        <Failed failure={unread} onRetry={() => void load()} />
      )}
    </Screen>
  )
}
