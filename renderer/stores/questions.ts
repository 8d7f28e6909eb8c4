import { createStore } from 'zustand/vanilla'
import type { QuestionId } from '../../main/contract/ids.ts'
import type { QuestionView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, notAsking } from './attempt.ts'
import { replaced } from './replaced.ts'

export interface QuestionsState extends Asking {
  /** The oldest first: one is asked at a time. */
  readonly questions: readonly QuestionView[]
  readonly load: () => Promise<void>
  readonly accept: (question: QuestionView) => void
  readonly answer: (question: QuestionId, yes: boolean) => Promise<void>
}

/** What running jobs ask the user. */
export const questions = createStore<QuestionsState>()((set, get) => ({
  ...notAsking,
  questions: [],
  load: async () => {
    const listed = await attempt(set, () => call('question.list'))
    if (listed !== null) set({ questions: listed })
  },
  accept: question => {
    set({ questions: replaced(get().questions, question, each => each.question === question.question) })
  },
  answer: async (question, yes) => {
    // Answered or not known any more: either way it is not asked again.
    set({ questions: get().questions.filter(each => each.question !== question) })
    await attempt(set, () => call('question.answer', question, yes))
  },
}))
