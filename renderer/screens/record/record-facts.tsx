import type { ReactNode } from 'react'
import type { RecordView } from '../../../main/contract/views.ts'
import { Facts } from '../../components/facts.tsx'
import { Mark } from '../../components/marks.tsx'
import { Part } from '../../components/screen.tsx'
import { moment, useText } from '../../messages/index.ts'

/** The verified record of the opening, as far as this bid is concerned. */
export function RecordFacts({ record }: { readonly record: RecordView }): ReactNode {
  const text = useText()
  const opened = record.state === 'opened'
  return (
    <Part title={text('record.record')} aside={<Mark tone="proved">{text('record.recordVerified')}</Mark>}>
      <Facts
        facts={[
          [
            text('record.own'),
            <span key="state" className="large-figure" data-testid="record-state" data-state={record.state}>
              <Mark tone={opened ? 'proved' : 'attention'}>{text(`record.state.${record.state}`)}</Mark>
            </span>,
          ],
          [
            text('record.serverTime'),
            <span key="time" className="figures">
              {moment(record.serverTime)}
            </span>,
          ],
          [text('record.bids'), text('record.bidCount', { number: record.bids })],
          [
            text('record.list'),
            <Mark key="list" tone={record.listHolds ? 'proved' : 'attention'}>
              {text(record.listHolds ? 'record.listHolds' : 'record.listFails')}
            </Mark>,
          ],
          [
            text('record.confirmed'),
            <Mark key="confirmed" tone="plain" icon={record.confirmed ? 'done' : 'todo'}>
              {text(record.confirmed ? 'common.yes' : 'record.notConfirmed')}
            </Mark>,
          ],
        ]}
      />
    </Part>
  )
}
