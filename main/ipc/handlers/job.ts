import type { Handlers } from '../../contract/requests.ts'
import type { IpcContext } from '../context.ts'

/** Long jobs, and what they ask. */
export function jobHandlers({
  jobs,
  questions,
}: IpcContext): Pick<Handlers, 'job.list' | 'job.cancel' | 'question.list' | 'question.answer'> {
  return {
    'job.list': async () => jobs.list(),
    'job.cancel': async job => {
      jobs.cancel(job)
      return null
    },
    'question.list': async () => questions.list(),
    'question.answer': async (question, yes) => {
      questions.answer(question, yes)
      return null
    },
  }
}
