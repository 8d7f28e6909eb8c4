import type { JobControl, Pipeline } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { inFolder, isOfFiles, isOfReleases } from './bench.ts'
import type { BenchFolder } from './bench-folder.ts'
import type { MemoryWork } from './in-memory.ts'
import type { BenchResult, Measured } from './measure.ts'
import { benchResult, interleaved } from './measure.ts'
import { inProcesses, inThisProcess, required } from './runners.ts'
import type { StepRunner } from './runners.ts'
import type { StepRequest } from './steps.ts'
import type { BenchJob, BenchPorts, BenchPrograms } from './subject.ts'

/** A result from inside a process, with the suite's cipher alone beside it. */
export interface InsideResult extends BenchResult {
  /** The chunk cipher here; the first reference is the same in plain Node. */
  readonly cipher: Measured
}

/** What the references are called that are the same work in plain Node. */
export const plainNode = 'plain Node'
export const cipherInNode = 'chunk cipher, plain Node'

/**
 * Measures the work itself in this process (Electron's) beside the same work in plain Node, in the same rounds; the start of
 * a process counts on neither side.
 */
export async function benchInside(
  ports: BenchPorts,
  job: BenchJob,
  programs: BenchPrograms,
  pipeline: Pipeline,
  control: Pick<JobControl, 'signal'>,
): Promise<InsideResult> {
  if (job.what === 'upload' || isOfReleases(job)) {
    throw new AppFailure('arguments.bad', `${job.what} is measured in plain Node only`)
  }
  const here = inThisProcess(pipeline)
  const node = inProcesses(programs, false)
  const beside = (request: StepRequest): Promise<Measured> =>
    interleaved(
      required(here.contestant(job.what, request)),
      [node.contestant(plainNode, warm(request))],
      job.runs,
      control,
    )
  const whole = isOfFiles(job)
    ? await inFolder(ports, { ...job, alone: true }, control, async folder => {
        if (job.what !== 'seal') await sealOnce(folder, here, control)
        return beside({ step: job.what, bid: folder.bidFile })
      })
    : await beside(memoryRequest(job))
  const shown = { what: job.what, suite: job.suite.id, sizeMiB: job.what === 'sm2' ? 0 : job.sizeMiB, runs: job.runs }
  return {
    ...benchResult(shown, whole, { peakMiB: here.peakMiB }),
    cipher: await cipherBeside(job, here, node, control),
  }
}

/** The cipher as a sealing calls it and, for orientation, node:crypto's over chunks of 1 MiB, here and in plain Node. */
function cipherBeside(
  { suite, sizeMiB, runs }: BenchJob,
  here: StepRunner,
  node: StepRunner,
  control: Pick<JobControl, 'signal'>,
): Promise<Measured> {
  const request = (work: MemoryWork): StepRequest => ({ step: 'memory', work, suite: suite.id, sizeMiB })
  const raw: MemoryWork = suite.id === 'gm-1' ? 'node-sm4-ctr' : 'node-aes-256-gcm'
  const rawName = `${raw.replace('node-', '')} of node:crypto`
  const others = [
    node.contestant(cipherInNode, request('chunk-cipher')),
    here.contestant(rawName, request(raw)),
    node.contestant(`${rawName}, ${plainNode}`, request(raw)),
  ]
  return interleaved(required(here.contestant('chunk cipher', request('chunk-cipher'))), others, runs, control)
}

/** Here the rounds before have warmed up what a new process begins with. */
function warm(request: StepRequest): StepRequest {
  return 'bid' in request && request.step !== 'cancel' ? { ...request, warm: true } : request
}

function memoryRequest({ what, suite, sizeMiB }: BenchJob): StepRequest {
  if (what === 'sm2') return { step: 'sm2', operation: 'sign', count: 200 }
  return { step: 'memory', work: what === 'sm4' ? 'chunk-cipher' : 'leaf-digests', suite: suite.id, sizeMiB }
}

async function sealOnce(folder: BenchFolder, here: StepRunner, control: Pick<JobControl, 'signal'>): Promise<void> {
  await here.facts({ step: 'seal', bid: folder.bidFile }, control)
}
