import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { BidView, SealedBidView } from '../../../main/contract/views.ts'
import { useText } from '../../messages/index.ts'
import { sealed, sealedOf } from '../../stores/sealed.ts'
import { AboutSealed } from '../shared/about-sealed.tsx'
import { isOutdated } from '../shared/outdated.ts'
import { useWork } from '../shared/use-work.ts'
import { Delivered } from './delivered.tsx'
import { Delivering } from './delivering.tsx'

/** Delivery of a sealed bid: before, while and after. */
export function SubmitScreen(): ReactNode {
  const text = useText()
  const { tender, bid, sealedBid } = useWork()
  const state = useStore(sealed)
  return (
    <AboutSealed
      title={text('submit.title')}
      tender={tender}
      sealedBid={sealedBid}
      missing={{ sentence: text('common.sealFirst'), button: text('common.toSeal'), to: 'seal' }}
    >
      {(about, shown) => {
        const { seal } = shown
        const delivered = shown.state !== 'sealed' && shown.state !== 'submitting'
        if (delivered) return <Delivered key={seal} tender={about} sealedBid={shown} />
        return (
          <Delivering
            key={seal}
            tender={about}
            sealedBid={shown}
            warning={warningOf(bid, shown)}
            others={sealedOf(state, about.tender)}
            onChoose={state.choose}
          />
        )
      }}
    </AboutSealed>
  )
}

/** What is to be known before this sealed bid is submitted. */
function warningOf(bid: BidView | null, sealedBid: SealedBidView): 'outdated' | 'lost' | null {
  if (sealedBid.state === 'submitting' && bid?.lostOnItsWay === true) return 'lost'
  return isOutdated(bid, sealedBid) ? 'outdated' : null
}
