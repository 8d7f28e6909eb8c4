import { Button } from 'antd'
import type { ReactNode } from 'react'
import type { QuestionView } from '../../main/contract/views.ts'
import { grouped, moment, useText, type TextKey } from '../messages/index.ts'
import { Dialog } from './dialog.tsx'
import { Facts, type Fact } from './facts.tsx'

/** A question only the user can answer while a job waits for it. It can't be closed without an answer. */
export function QuestionDialog(props: {
  readonly question: QuestionView
  readonly onAnswer: (yes: boolean) => void
}): ReactNode {
  const text = useText()
  const { kind, facts } = props.question
  return (
    <Dialog
      title={text(`jobs.question.${kind}.title`)}
      buttons={
        <>
          <Button onClick={() => props.onAnswer(false)} data-testid="question-no">
            {text(`jobs.question.${kind}.no`)}
          </Button>
          <Button type="primary" onClick={() => props.onAnswer(true)} data-testid="question-yes">
            {text(`jobs.question.${kind}.yes`)}
          </Button>
        </>
      }
    >
      <div data-testid="question" data-kind={kind}>
        <p>{text(`jobs.question.${kind}.text`)}</p>
        <Facts facts={Object.entries(facts).flatMap(shownFact)} />
      </div>
    </Dialog>
  )

  function shownFact([name, value]: [string, string]): Fact[] {
    const key = factKeys[name]
    if (key === undefined) return []
    const shown = name === 'shortCode' ? grouped(value) : moment(value)
    return [[text(key), <span className="large-figure figures">{shown}</span>]]
  }
}

const factKeys: Readonly<Partial<Record<string, TextKey>>> = {
  own: 'jobs.fact.own',
  platform: 'jobs.fact.platform',
  openingTime: 'jobs.fact.openingTime',
  shortCode: 'jobs.fact.shortCode',
}
