import { beforeEach, describe, expect, test } from 'vitest'
import { AppFailure } from '../../../main/contract/failure.ts'
import type { AppEvent } from '../../../main/contract/events.ts'
import type { SealId } from '../../../main/contract/ids.ts'
import type { JobView } from '../../../main/contract/views.ts'
import { newId } from '../../../main/ipc/ids.ts'
import { openJobs } from '../../../main/ipc/jobs.ts'
import type { Jobs, RunningJob } from '../../../main/ipc/jobs.ts'
import { openQuestions } from '../../../main/ipc/questions.ts'
import { toFailure } from '../../../main/services/index.ts'

let events: AppEvent[]
let jobs: Jobs

beforeEach(() => {
  events = []
  jobs = openJobs({ emit: event => events.push(event), newId, report: toFailure })
})

const told = (): readonly JobView[] => events.flatMap(event => (event.kind === 'job' ? [event.job] : []))
const ended = (): Promise<void> => expect.poll(() => jobs.list().at(-1)?.state).not.toBe('running')

describe('a job', () => {
  test('is answered at once, told of while it runs, and readable afterwards', async () => {
    const seal = 'seal' as SealId
    const id = jobs.start({ kind: 'seal', about: 'bid' }, async ({ control }) => {
      control.onProgress?.({ stage: 'seal', done: 5, total: 10 })
      return seal
    })
    expect(jobs.list()).toMatchObject([{ job: id, state: 'running' }])
    await ended()
    expect(jobs.list()).toEqual([
      { job: id, kind: 'seal', state: 'done', stage: 'seal', done: 5, total: 10, failure: null, seal },
    ])
    expect(told().at(-1)).toEqual(jobs.list()[0])
  })

  test('that moves a thousand times is told of a few times, and of the end of each stage', async () => {
    jobs.start({ kind: 'submit', about: 'x' }, async ({ control }) => {
      for (const stage of ['verify', 'upload'] as const) {
        for (let done = 1; done <= 1000; done += 1) control.onProgress?.({ stage, done, total: 1000 })
      }
      return null
    })
    await ended()
    expect(told().length).toBeLessThan(8)
    expect(told()).toContainEqual(expect.objectContaining({ stage: 'verify', done: 1000 }))
  })

  test('that fails says with what; one that is cancelled has not failed', async () => {
    jobs.start({ kind: 'seal', about: 'a' }, async () => {
      throw new AppFailure('output.disk-full', 'no space left')
    })
    await ended()
    expect(jobs.list()[0]).toMatchObject({ state: 'failed', failure: { code: 'output.disk-full' } })
    const id = jobs.start({ kind: 'seal', about: 'b' }, untilCancelled)
    jobs.cancel(id)
    await ended()
    expect(jobs.list()[1]).toMatchObject({ state: 'cancelled', failure: null })
  })

  test('is not begun twice for the same thing while it runs', async () => {
    const first = jobs.start({ kind: 'submit', about: 'bid' }, untilCancelled)
    expect(jobs.start({ kind: 'submit', about: 'bid' }, untilCancelled)).toBe(first)
    expect(jobs.start({ kind: 'submit', about: 'another' }, untilCancelled)).not.toBe(first)
    await jobs.end(() => true)
    expect(jobs.start({ kind: 'submit', about: 'bid' }, async () => null)).not.toBe(first)
  })

  test('is ended with those that are meant, and no other', async () => {
    jobs.start({ kind: 'submit', about: 'a' }, untilCancelled)
    jobs.start({ kind: 'submit', about: 'b' }, untilCancelled)
    await jobs.end(({ about }) => about === 'a')
    expect(jobs.list().map(({ state }) => state)).toEqual(['cancelled', 'running'])
    await jobs.close()
  })

  test('does not start once everything is closing', async () => {
    jobs.start({ kind: 'submit', about: 'bid' }, untilCancelled)
    const closing = jobs.close()
    expect(() => jobs.start({ kind: 'submit', about: 'another' }, async () => null)).toThrow('cancelled')
    await closing
    expect(jobs.list()).toMatchObject([{ state: 'cancelled' }])
  })

  test('that nobody knows can’t be cancelled', () => {
    expect(() => jobs.cancel(newId())).toThrow('arguments.bad')
  })

  test('stays readable among the last fifty that ended', async () => {
    for (let index = 0; index < 60; index += 1) {
      jobs.start({ kind: 'seal', about: String(index) }, async () => null)
      await Promise.resolve()
    }
    await ended()
    jobs.start({ kind: 'seal', about: 'last' }, async () => null)
    expect(jobs.list()).toHaveLength(51)
  })
})

describe('a question', () => {
  const ask = (): { questions: ReturnType<typeof openQuestions>; answer: Promise<boolean>; cancel: () => void } => {
    const questions = openQuestions(event => events.push(event), newId)
    const stop = new AbortController()
    const job: RunningJob = { id: newId(), control: { signal: stop.signal }, stage: () => undefined }
    return { questions, answer: questions.ask(job, 'short-code', { shortCode: 'ABCD' }), cancel: () => stop.abort() }
  }

  test('waits for its answer and is gone then', async () => {
    const { questions, answer } = ask()
    const [view] = questions.list()
    expect(events).toEqual([{ kind: 'question', question: view }])
    questions.answer(view!.question, true)
    expect(await answer).toBe(true)
    expect(questions.list()).toEqual([])
    expect(() => questions.answer(view!.question, true)).toThrow('arguments.bad')
  })

  test('of a job that is cancelled is answered no', async () => {
    const { questions, answer, cancel } = ask()
    cancel()
    expect(await answer).toBe(false)
    expect(questions.list()).toEqual([])
  })
})

function untilCancelled({ control: { signal } }: RunningJob): Promise<null> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new AppFailure('cancelled', 'stopped')))
  })
}
