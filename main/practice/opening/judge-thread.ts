import { parentPort, workerData } from 'node:worker_threads'
import { loadPlatformKeys } from '../platform-keys.ts'
import { factsOf } from './failure-facts.ts'
import type { FailureFacts } from './failure-facts.ts'
import type { HeaderPlace } from './headers.ts'
import { judgeHere } from './judge.ts'
import type { Judge, Judgement, ReleaseQuestion } from './judge.ts'

/** The argument that makes the platform's program, in a thread, one that judges releases. */
export const judgeArgument = '--judge-releases'

/** What such a thread is made with: the platform's folder, whose keys it reads itself. */
export interface JudgeData {
  readonly dir: string
}

/** What it is asked; answered with the same number. */
export type JudgeRequest =
  | { readonly kind: 'expect'; readonly number: number; readonly header: HeaderPlace }
  | { readonly kind: 'judge'; readonly number: number; readonly question: ReleaseQuestion }

export type JudgeAnswer =
  | { readonly number: number; readonly judgement: Judgement | null }
  | { readonly number: number; readonly failure: FailureFacts }

/** Judges releases until the thread ends. */
export function runJudge(): void {
  if (parentPort === null) return
  const port = parentPort
  const { dir } = workerData as JudgeData
  const ready = loadPlatformKeys(dir).then(judgeHere)
  port.on('message', (request: JudgeRequest) => {
    void answer(ready, request).then(found => {
      port.postMessage(found)
    })
  })
}

async function answer(ready: Promise<Judge>, request: JudgeRequest): Promise<JudgeAnswer> {
  const { number } = request
  try {
    const judge = await ready
    if (request.kind === 'judge') return { number, judgement: await judge.judge(request.question) }
    await judge.expect(request.header)
    return { number, judgement: null }
  } catch (error) {
    return { number, failure: factsOf(error) }
  }
}
