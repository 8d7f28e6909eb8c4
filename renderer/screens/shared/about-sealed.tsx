import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { SealedBidView, TenderView } from '../../../main/contract/views.ts'
import { useText } from '../../messages/index.ts'
import type { Step } from '../../stores/place.ts'
import { sealed } from '../../stores/sealed.ts'
import { NotListed } from './not-listed.tsx'
import { NothingYet } from './nothing-yet.tsx'

/**
 * A screen about a sealed bid of a tender. Until both are there it says what has to come first: a tender to be chosen, the
 * list to be read, the bid to be sealed or submitted.
 */
export function AboutSealed(props: {
  readonly title: string
  readonly tender: TenderView | null
  readonly sealedBid: SealedBidView | null
  /** Said when the list is there and holds no such bid. */
  readonly missing: { readonly sentence: string; readonly button: string; readonly to: Step }
  readonly children: (tender: TenderView, sealedBid: SealedBidView) => ReactNode
}): ReactNode {
  const text = useText()
  const { sealed: listed } = useStore(sealed)
  const { title, tender, sealedBid, missing } = props
  if (tender === null) {
    const [sentence, button] = [text('common.chooseTenderFirst'), text('common.toTender')]
    return <NothingYet title={title} sentence={sentence} button={button} to="tender" />
  }
  if (listed === null) return <NotListed title={title} />
  if (sealedBid === null) return <NothingYet title={title} {...missing} />
  return props.children(tender, sealedBid)
}
