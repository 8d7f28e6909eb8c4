import { cpus } from 'node:os'
import { Worker } from 'node:worker_threads'
import { AppFailure } from '../../contract/failure.ts'
import type { PlatformKeys } from '../platform-keys.ts'
import { failureOf } from './failure-facts.ts'
import { judgeHere } from './judge.ts'
import type { Judge, Judgement } from './judge.ts'
import { judgeArgument } from './judge-thread.ts'
import type { JudgeAnswer, JudgeData, JudgeRequest } from './judge-thread.ts'

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

interface Asked {
  readonly done: (judgement: Judgement | null) => void
  readonly failed: (error: Error) => void
}

function startThread(program: string, data: JudgeData): JudgeThread {
  const worker = new Worker(program, { argv: [judgeArgument], workerData: data, execArgv: [] })
  const asked = new Map<number, Asked>()
  let number = 0
  let gone = false
  const end = (): void => {
    gone = true
    for (const { failed } of asked.values()) failed(ended())
    asked.clear()
  }
  worker.once('error', end)
  worker.once('exit', end)
  worker.on('message', (answer: JudgeAnswer) => {
    const asking = asked.get(answer.number)
    asked.delete(answer.number)
    if ('failure' in answer) asking?.failed(failureOf(answer.failure))
    else asking?.done(answer.judgement)
  })
  worker.unref()
  return {
    get gone() {
      return gone
    },
    ask(request) {
      number += 1
      const own = number
      return new Promise((done, failed) => {
        if (gone) {
          failed(ended())
          return
        }
        asked.set(own, { done, failed })
        worker.postMessage({ ...request, number: own })
      })
    },
    end() {
      void worker.terminate()
      end()
    },
  }
}

function ended(): AppFailure {
  return new AppFailure('internal', 'the judging of releases was broken off')
}
