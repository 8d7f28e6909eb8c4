import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { TenderView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { EnvelopeMark } from '../../components/icons.tsx'
import { Empty, Part, Screen } from '../../components/screen.tsx'
import { moment, useText } from '../../messages/index.ts'
import { chosenTender, tenders } from '../../stores/tenders.ts'
import { RehearsalStart } from '../rehearsal/rehearsal-start.tsx'
import { Failed } from '../shared/failed.tsx'
import { GoButton } from '../shared/go-button.tsx'
import { TenderFacts } from './tender-facts.tsx'

/** Import of tender packages, and what the chosen one says. */
export function TenderScreen(): ReactNode {
  const text = useText()
  const state = useStore(tenders)
  const { tenders: listed, busy, failure, importPackage, choose } = state
  const tender = chosenTender(state)
  const empty = listed?.length === 0
  const importAction = (
    <Action channel="tender.import" primary={tender === null} disabled={busy} onClick={() => void importPackage()}>
      {text('tender.import')}
    </Action>
  )
  return (
    <Screen
      title={text('tender.title')}
      lead={text('tender.lead')}
      secondary={tender === null ? undefined : importAction}
      primary={
        tender === null ? (
          importAction
        ) : (
          <GoButton to="documents" primary>
            {text('tender.compose', { title: tender.title })}
          </GoButton>
        )
      }
    >
      <Failed failure={failure} onRetry={() => void importPackage()} />
      {listed === null && <p className="quiet">{text('common.loading')}</p>}
      {empty && <Empty drawing={<EnvelopeMark large />} sentence={text('tender.empty')} />}
      {tender !== null && <TenderFacts tender={tender} />}
      {listed !== null && listed.length > 1 && (
        <TenderList tenders={listed} chosen={tender} onChoose={each => choose(each.tender)} />
      )}
      <RehearsalStart primary={false} />
    </Screen>
  )
}

function TenderList(props: {
  readonly tenders: readonly TenderView[]
  readonly chosen: TenderView | null
  readonly onChoose: (tender: TenderView) => void
}): ReactNode {
  const text = useText()
  return (
    <Part title={text('tender.list')}>
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{text('tender.name')}</th>
              <th scope="col">{text('tender.projectCode')}</th>
              <th scope="col">{text('common.deadline')}</th>
            </tr>
          </thead>
          <tbody>
            {props.tenders.map(tender => (
              <tr key={tender.tender}>
                <th scope="row">
                  <label className="choice">
                    <input
                      type="radio"
                      name="tender"
                      checked={tender.tender === props.chosen?.tender}
                      onChange={() => props.onChoose(tender)}
                      data-testid="choose-tender"
                      data-on={tender.tender}
                    />
                    {tender.title}
                    {tender.practice && <span className="quiet"> {text('common.rehearsalMark')}</span>}
                  </label>
                </th>
                <td>
                  <code>{tender.projectCode}</code>
                </td>
                <td className="figures">{moment(tender.deadline)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  )
}
