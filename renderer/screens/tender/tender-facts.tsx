import type { ReactNode } from 'react'
import type { TenderView } from '../../../main/contract/views.ts'
import { Countdown } from '../../components/countdown.tsx'
import { Facts } from '../../components/facts.tsx'
import { Mark } from '../../components/marks.tsx'
import { Part } from '../../components/screen.tsx'
import { moment, useText } from '../../messages/index.ts'
import { useNow } from '../shared/use-now.ts'

/** What a tender says of itself: how long there is, who signed it, what it asks for. */
export function TenderFacts({ tender }: { readonly tender: TenderView }): ReactNode {
  const text = useText()
  return (
    <>
      <DeadlineCountdown tender={tender} />
      <Part
        title={tender.title}
        aside={<Mark tone="proved">{text('tender.signatureHolds')}</Mark>}
        {...(tender.practice ? { note: text('common.rehearsalMark') } : {})}
      >
        <Facts
          facts={[
            [text('tender.projectCode'), <code key="code">{tender.projectCode}</code>],
            [text('tender.lot'), tender.lotId === null ? text('tender.noLot') : <code key="lot">{tender.lotId}</code>],
            [text('tender.signer'), tender.signer],
            [text('tender.platform'), tender.platformId],
            [text('tender.platformAddress'), tender.platformAddress ?? text('tender.addressUnknown')],
            [
              text('common.openingTime'),
              <span key="time" className="figures">
                {moment(tender.openingTime)}
              </span>,
            ],
            [text('tender.keyPolicy'), text(`tender.policy.${tender.keyPolicy}`)],
            [text('tender.documents'), <DocumentNames key="documents" tender={tender} />],
            [text('tender.forms'), tender.forms.map(({ title }) => title).join(text('common.listComma'))],
          ]}
        />
      </Part>
    </>
  )
}

/** The countdown to a tender's deadline, by this computer's clock: no server has been asked. */
export function DeadlineCountdown({ tender }: { readonly tender: TenderView }): ReactNode {
  const text = useText()
  const { wall } = useNow()
  const left = Date.parse(tender.deadline) - wall
  return (
    <Countdown
      label={text(left > 0 ? 'common.left.untilDeadline' : 'common.left.pastDeadline')}
      left={left}
      moment={moment(tender.deadline)}
      clock={text('common.left.localClock')}
    />
  )
}

function DocumentNames({ tender }: { readonly tender: TenderView }): ReactNode {
  const text = useText()
  return tender.documents
    .map(({ title, required }) =>
      required ? title : `${title}${text('common.bracketed', { text: text('tender.optional') })}`,
    )
    .join(text('common.listComma'))
}
