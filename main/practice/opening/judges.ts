import { cpus } from 'node:os'
import { Worker } from 'node:worker_threads'
import { AppFailure } from '../../contract/failure.ts'
import type { PlatformKeys } from '../platform-keys.ts'
import { failureOf } from './failure-facts.ts'
import { judgeHere } from './judge.ts'
import type { Judge, Judgement } from './judge.ts'
import { judgeArgument } from './judge-thread.ts'
import type { JudgeAnswer, JudgeData, JudgeRequest } from './judge-thread.ts'
import { pendingAnswers } from './pending-answers.ts'

/** Judges that share the releases out among them. */
export interface Judges extends Judge {
  /** Ends them; what they have in hand fails with `internal`. */
  close(): void
}

/** Most threads: a platform has other things to do as well. */
const mostThreads = 4

/**
 * Judges on threads of the platform's built program, a bid always with the same one, which has its header at hand; on this
 * thread where there is no program. They are started when they are first needed.
 */
export function releaseJudges(program: string | null, dir: string, keys: PlatformKeys): Judges {
  if (program === null) return { ...judgeHere(keys), close: () => undefined }
  const threads: JudgeThread[] = []
  const count = Math.min(Math.max(1, cpus().length), mostThreads)
  let closed = false
  const threadFor = (sealDigest: string): JudgeThread => {
    if (closed) throw ended()
    const index = Number.parseInt(sealDigest.slice(0, 8), 16) % count
    const running = threads[index]
    if (running !== undefined && !running.gone) return running
    const started = startThread(program, { dir })
    threads[index] = started
    return started
  }
  return {
    async expect(header) {
      await threadFor(header.sealDigest).ask({ kind: 'expect', header })
    },
    async judge(question) {
      const judgement = await threadFor(question.header.sealDigest).ask({ kind: 'judge', question })
      if (judgement === null) throw ended()
      return judgement
    },
    close() {
      closed = true
      for (const thread of threads) thread.end()
    },
  }
}

interface JudgeThread {
  readonly gone: boolean
  ask(request: WithoutNumber<JudgeRequest>): Promise<Judgement | null>
  end(): void
}

type WithoutNumber<T> = T extends unknown ? Omit<T, 'number'> : never

function startThread(program: string, data: JudgeData): JudgeThread {
  const worker = new Worker(program, { argv: [judgeArgument], workerData: data, execArgv: [] })
  const pending = pendingAnswers<Judgement | null>(brokenOff)
  const end = (): void => pending.end()
  worker.once('error', end)
  worker.once('exit', end)
  worker.on('message', (answer: JudgeAnswer) => {
    if ('failure' in answer) pending.failed(answer.number, failureOf(answer.failure))
    else pending.answered(answer.number, answer.judgement)
  })
  worker.unref()
  return {
    get gone() {
      return pending.gone
    },
    ask: request =>
      pending.ask(number => {
        worker.postMessage({ ...request, number })
      }),
    end() {
      void worker.terminate()
      pending.end()
    },
  }
}

const brokenOff = 'the judging of releases was broken off'

function ended(): AppFailure {
  return new AppFailure('internal', brokenOff)
}
