import type { ReactNode } from 'react'
import type { SealedBidView } from '../../../main/contract/views.ts'
import { Facts } from '../../components/facts.tsx'
import { Mark } from '../../components/marks.tsx'
import { Part } from '../../components/screen.tsx'
import { moment, useText } from '../../messages/index.ts'

/** What became of the bid so far: the key released, the record awaited or there. */
export function OpeningOutcome({ sealedBid }: { readonly sealedBid: SealedBidView }): ReactNode {
  const text = useText()
  const { releasedAt, record } = sealedBid
  if (releasedAt === null) return null
  return (
    <div data-testid="released">
      <Part
        title={text('opening.released')}
        aside={
          record !== null && (
            <Mark tone={record.state === 'opened' ? 'proved' : 'attention'}>
              {text(`record.state.${record.state}`)}
            </Mark>
          )
        }
      >
        <Facts
          facts={[
            [
              text('opening.releasedAt'),
              <span key="time" className="figures">
                {moment(releasedAt)}
              </span>,
            ],
          ]}
        />
        {record === null && <p>{text('opening.waitingForRecord')}</p>}
      </Part>
    </div>
  )
}
