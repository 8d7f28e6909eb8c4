import type { AppEvent } from '../contract/events.ts'
import { AppFailure } from '../contract/failure.ts'
import type { QuestionId } from '../contract/ids.ts'
import type { QuestionView } from '../contract/views.ts'
import type { RunningJob } from './jobs.ts'

/** The questions that running jobs ask the user. */
export interface Questions {
  /** Asks and waits; a job that is cancelled has been answered no. */
  ask(job: RunningJob, kind: QuestionView['kind'], facts: QuestionView['facts']): Promise<boolean>
  list(): readonly QuestionView[]
  /** Throws `arguments.bad` for a question that is not open. */
  answer(question: QuestionId, yes: boolean): void
}

interface Open {
  readonly view: QuestionView
  readonly settle: (yes: boolean) => void
}

export function openQuestions(emit: (event: AppEvent) => void, newId: () => QuestionId): Questions {
  const open = new Map<QuestionId, Open>()
  return {
    ask({ id, control }, kind, facts) {
      return new Promise(resolve => {
        const view: QuestionView = { question: newId(), job: id, kind, facts }
        const no = (): void => settle(false)
        const settle = (yes: boolean): void => {
          control.signal.removeEventListener('abort', no)
          open.delete(view.question)
          resolve(yes)
        }
        if (control.signal.aborted) {
          resolve(false)
          return
        }
        control.signal.addEventListener('abort', no, { once: true })
        open.set(view.question, { view, settle })
        emit({ kind: 'question', question: view })
      })
    },
    list: () => [...open.values()].map(({ view }) => view),
    answer(question, yes) {
      const asked = open.get(question)
      if (asked === undefined) throw new AppFailure('arguments.bad', 'this question is not open')
      asked.settle(yes)
    },
  }
}
