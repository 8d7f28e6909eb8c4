import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { useText } from '../../messages/index.ts'
import { sealed, sealedOf } from '../../stores/sealed.ts'
import { NotListed } from '../shared/not-listed.tsx'
import { NothingYet } from '../shared/nothing-yet.tsx'
import { isOutdated } from '../shared/outdated.ts'
import { useWork } from '../shared/use-work.ts'
import { Delivered } from './delivered.tsx'
import { Delivering } from './delivering.tsx'

/** Delivery of a sealed bid: before, while and after. */
export function SubmitScreen(): ReactNode {
  const text = useText()
  const { tender, bid, sealedBid } = useWork()
  const state = useStore(sealed)
  const title = text('submit.title')
  if (tender === null) {
    return (
      <NothingYet
        title={title}
        sentence={text('common.chooseTenderFirst')}
        button={text('common.toTender')}
        to="tender"
      />
    )
  }
  if (state.sealed === null) return <NotListed title={title} />
  if (sealedBid === null) {
    return <NothingYet title={title} sentence={text('common.sealFirst')} button={text('common.toSeal')} to="seal" />
  }
  const delivered = sealedBid.state !== 'sealed' && sealedBid.state !== 'submitting'
  if (delivered) return <Delivered key={sealedBid.seal} tender={tender} sealedBid={sealedBid} />
  return (
    <Delivering
      key={sealedBid.seal}
      tender={tender}
      sealedBid={sealedBid}
      outdated={isOutdated(bid, sealedBid)}
      others={sealedOf(state, tender.tender)}
      onChoose={state.choose}
    />
  )
}
