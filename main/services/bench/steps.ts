import { monitorEventLoopDelay } from 'node:perf_hooks'
import {
  CryptoFailure,
  nodeFiles,
  openBid,
  readSealedBid,
  sealBid,
  unwrapPartKeys,
  verifySealedBid,
} from '../../../crypto/index.ts'
import type { JobControl, KeysOf, Pipeline, SealedBid, VerifyOptions } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { MemoryWork } from './in-memory.ts'
import { prepareMemoryWork } from './in-memory.ts'
import { inPlaceSink } from './in-place.ts'
import type { Sm2Operation } from './sm2-work.ts'
import { prepareSm2 } from './sm2-work.ts'
import type { ReadyBid } from './stored-bid.ts'
import { readyBid } from './stored-bid.ts'
import { plainPut } from './upload/plain-put.ts'
import type { PlainPut } from './upload/plain-put.ts'
import { uploadParts } from './upload/upload-parts.ts'
import type { PartsToUpload } from './upload/upload-parts.ts'

/**
 * One thing to be done once; plain data, so that it can be done in another process. `watch` looks at the event loop; `warm`
 * does it once before, uncounted, so that threads and compiled code are there as in a process that has worked before.
 */
export type StepRequest =
  | {
      readonly step: 'seal' | 'unseal' | 'verify'
      readonly bid: string
      readonly watch?: boolean
      readonly warm?: boolean
    }
  | { readonly step: 'cancel'; readonly bid: string }
  | { readonly step: 'memory'; readonly work: MemoryWork; readonly suite: string; readonly sizeMiB: number }
  | { readonly step: 'sm2'; readonly operation: Sm2Operation; readonly count: number }
  | ({ readonly step: 'upload' } & PartsToUpload)
  | ({ readonly step: 'put' } & PlainPut)

/** What came of a step in the process that did it. */
export interface StepFacts {
  /** Of `sm2` for one operation. Null where it can't be done here. */
  readonly seconds: number | null
  /** The most memory the process has held. */
  readonly peakMiB: number
  readonly loopDelayP99Ms?: number
  /** From the order to stop to the end of all threads. */
  readonly cancelMs?: number
}

/** A hundred chunks warm up what a compiler compiles. */
const warmUpMiB = 16

/** Does a step in this process. Throws what the work throws. */
export async function performStep(
  request: StepRequest,
  pipeline: Pipeline,
  control: Pick<JobControl, 'signal'>,
): Promise<StepFacts> {
  switch (request.step) {
    case 'memory':
      return withPeak({ seconds: inMemory(request) })
    case 'sm2':
      return withPeak({ seconds: await ofSm2(request) })
    case 'upload':
      return withPeak({ seconds: await timedWork(() => uploadParts(request, control)) })
    case 'put':
      return withPeak({ seconds: await timedWork(() => plainPut(request)) })
    case 'cancel':
      return withPeak({ seconds: null, ...(await cancelled(request.bid, pipeline)) })
    default: {
      const work = works[request.step]
      // As the commands do: the threads start while the tender is read.
      pipeline.warm()
      if (request.warm === true) await work(await readyBid(request.bid), pipeline, control)
      const delay = request.watch === true ? monitorEventLoopDelay({ resolution: 1 }) : null
      delay?.enable()
      const started = performance.now()
      await work(await readyBid(request.bid), pipeline, control)
      const seconds = (performance.now() - started) / 1000
      delay?.disable()
      return withPeak({ seconds, ...(delay === null ? {} : { loopDelayP99Ms: delay.percentile(99) / 1e6 }) })
    }
  }
}

type Work = (bid: ReadyBid, pipeline: Pipeline, control: JobControl) => Promise<unknown>

const works: Readonly<Record<'seal' | 'unseal' | 'verify', Work>> = {
  seal: ({ options }, pipeline, control) => sealBid({ ...options, ...control, pipeline }),
  verify: (ready, pipeline, control) =>
    withSealed(ready, bid => verifySealedBid(bid, judged(ready, pipeline, control))),
  unseal: (ready, pipeline, control) =>
    withSealed(ready, bid => {
      const keysOf: KeysOf = async verified => (await unwrapPartKeys(verified, ready.opener)).keys
      return openBid(bid, judged(ready, pipeline, control), keysOf, inPlaceSink(ready.stored.opened))
    }),
}

function judged({ tender }: ReadyBid, pipeline: Pipeline, control: JobControl): VerifyOptions {
  return { ...control, anchors: tender.anchors, tender, pipeline }
}

async function withSealed<T>({ stored }: ReadyBid, work: (bid: SealedBid) => Promise<T>): Promise<T> {
  const source = await nodeFiles.open(stored.sealed)
  try {
    return await work(await readSealedBid(source))
  } finally {
    await source.close()
  }
}

/** Stops a sealing in its midst. */
async function cancelled(path: string, pipeline: Pipeline): Promise<{ readonly cancelMs?: number }> {
  const { options } = await readyBid(path)
  const stop = new AbortController()
  let ordered = Number.NaN
  try {
    await sealBid({
      ...options,
      pipeline,
      signal: stop.signal,
      onProgress({ stage, done, total }) {
        if (stage !== 'seal' || done < total / 4 || stop.signal.aborted) return
        ordered = performance.now()
        stop.abort()
      },
    })
  } catch (error) {
    if (!(error instanceof CryptoFailure) || error.code !== 'cancelled') throw error
    await pipeline.close()
    return { cancelMs: performance.now() - ordered }
  }
  // It was over before it could be stopped.
  return {}
}

function inMemory({ work, suite, sizeMiB }: StepRequest & { readonly step: 'memory' }): number | null {
  const ready = prepareMemoryWork(work, suite)
  if (ready === null) return null
  try {
    for (let index = 0; index < Math.min(warmUpMiB, sizeMiB); index += 1) ready.once(index)
    return timed(() => {
      for (let index = 0; index < sizeMiB; index += 1) ready.once(index)
    })
  } finally {
    ready.close()
  }
}

async function ofSm2({ operation, count }: StepRequest & { readonly step: 'sm2' }): Promise<number> {
  if (count < 1) throw new AppFailure('arguments.bad', 'nothing to be done')
  const once = await prepareSm2(operation)
  once()
  return (
    timed(() => {
      for (let index = 0; index < count; index += 1) once()
    }) / count
  )
}

/** Seconds. */
function timed(work: () => void): number {
  const started = performance.now()
  work()
  return (performance.now() - started) / 1000
}

/** {@link timed} of what waits. */
async function timedWork(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

function withPeak(facts: Omit<StepFacts, 'peakMiB'>): StepFacts {
  return { ...facts, peakMiB: process.resourceUsage().maxRSS / 1024 }
}
