import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { throwIfCancelled } from '../../../crypto/index.ts'
import type { JobControl } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { RehearsalFolders } from '../rehearsal/folders.ts'
import { prepareRehearsal, removeRehearsal } from '../rehearsal/folders.ts'
import type { BenchFolder } from './bench-folder.ts'
import { makeBenchFolder } from './bench-folder.ts'
import { digestPlan, sm2Plan, sm4Plan } from './memory-plans.ts'
import type { BenchResult } from './measure.ts'
import { afterwards, benchResult, interleaved } from './measure.ts'
import {
  ageDecrypt,
  ageEncrypt,
  cmsDecrypt,
  cmsEncrypt,
  cmsSignEncrypt,
  opensslSm3,
  opensslSm4Ctr,
  opensslSm4CtrDecrypt,
  plainCopy,
  sha256sum,
  smCryptoGcm,
} from './peers.ts'
import type { Plan } from './plan.ts'
import { benchReleaseSize } from './releases/bench-release-size.ts'
import { benchReleases } from './releases/bench-releases.ts'
import { inProcesses, required } from './runners.ts'
import type { StepRunner } from './runners.ts'
import { sealCommand } from './seal-command.ts'
import type { BenchJob, BenchPorts, BenchPrograms } from './subject.ts'
import { withUploadPlan } from './upload/upload-plan.ts'

/**
 * Measures ours beside other programs and raw cryptography in the same rounds. What is timed of us is a whole process, as of
 * them; all overwrite files of their final length, and none is flushed. Works in a folder of its own and removes it. Throws
 * `output.disk-full`, `cancelled`.
 */
export async function runBench(
  ports: BenchPorts,
  job: BenchJob,
  programs: BenchPrograms,
  control: Pick<JobControl, 'signal'>,
): Promise<BenchResult> {
  if (job.what === 'upload') return uploadBench(ports, job, programs, control)
  if (isOfReleases(job)) {
    if (programs.practice === undefined) throw new AppFailure('arguments.bad', 'the practice platform is not here')
    const bench = job.what === 'releases' ? benchReleases : benchReleaseSize
    return bench(ports, job, programs.practice, control)
  }
  const runner = inProcesses(programs, isOfFiles(job))
  if (!isOfFiles(job)) return measured(job, memoryPlan(job, runner, programs), runner, control)
  return inFolder(ports, job, control, async (folder, folders) => {
    const plan = await filePlans[job.what](job, folder, folders, runner, programs)
    const result = await measured(job, plan, runner, control)
    return job.what === 'seal' ? { ...result, ...(await watched(folder, job, runner, control)) } : result
  })
}

/** The upload of a bid beside a plain one; the sealing of it takes no part. */
function uploadBench(
  ports: BenchPorts,
  job: BenchJob,
  programs: BenchPrograms,
  control: Pick<JobControl, 'signal'>,
): Promise<BenchResult> {
  const runner = inProcesses(programs, false)
  return inFolder(ports, { ...job, alone: true }, control, (folder, folders) =>
    withUploadPlan({ ports, folder, folders, programs }, runner, plan => measured(job, plan, runner, control)),
  )
}

/** Whether releases to a practice platform are timed. */
export function isOfReleases({ what }: BenchJob): boolean {
  return what === 'releases' || what === 'release-size'
}

/** Whether files are worked on. */
export function isOfFiles(job: BenchJob): job is FileJob {
  return job.what in filePlans
}

type FileJob = BenchJob & { readonly what: 'seal' | 'unseal' | 'verify' }

/** Makes the files of a benchmark, and takes them away whatever happens. */
export async function inFolder<T>(
  ports: BenchPorts,
  job: BenchJob,
  control: Pick<JobControl, 'signal'>,
  work: (folder: BenchFolder, folders: RehearsalFolders) => Promise<T>,
): Promise<T> {
  const folders = await prepareRehearsal(await mkdtemp(join(tmpdir(), 'bidseal-bench-')))
  try {
    return await work(await makeBenchFolder(ports, folders, job, control), folders)
  } finally {
    await removeRehearsal(folders, false)
  }
}

/** What is compared where nothing is read or written. */
export function memoryPlan(job: BenchJob, runner: StepRunner, programs: BenchPrograms): Plan {
  if (job.what === 'sm2') return sm2Plan(runner)
  if (job.what === 'sm4') return sm4Plan(job, runner, programs)
  return digestPlan(job, runner)
}

async function measured(
  job: BenchJob,
  { ours, references, afterwards: later = [] }: Plan,
  runner: StepRunner,
  control: Pick<JobControl, 'signal'>,
): Promise<BenchResult> {
  const shown = { what: job.what, suite: job.suite.id, sizeMiB: job.what === 'sm2' ? 0 : job.sizeMiB, runs: job.runs }
  const inRounds = await interleaved(required(ours), references, job.runs, control)
  const all = await afterwards(inRounds, later, Math.min(job.runs, 3), control)
  return benchResult(shown, all, { peakMiB: runner.peakMiB })
}

type FilePlan = (
  job: BenchJob,
  folder: BenchFolder,
  folders: RehearsalFolders,
  runner: StepRunner,
  programs: BenchPrograms,
) => Promise<Plan>

const filePlans: Readonly<Record<FileJob['what'], FilePlan>> = {
  async seal(job, folder, folders, runner, programs) {
    const ours = runner.contestant('seal', { step: 'seal', bid: folder.bidFile })
    const inMemory = (name: string, work: 'chunk-cipher' | 'leaf-digests') =>
      inProcesses(programs, false).contestant(name, {
        ...{ step: 'memory', work },
        ...{ suite: job.suite.id, sizeMiB: job.sizeMiB },
      })
    const raw = [
      inMemory('chunk cipher, one thread, in memory', 'chunk-cipher'),
      inMemory('leaf digests, one thread, in memory', 'leaf-digests'),
    ]
    if (job.alone) return { ours, references: raw }
    const { peers } = folder
    const others =
      job.suite.id === 'intl-1'
        ? [await cmsEncrypt(peers), await cmsSignEncrypt(peers), await ageEncrypt(peers)]
        : [await opensslSm4Ctr(peers), smCryptoGcm(programs, job.sizeMiB)]
    const command = await sealCommand(folders, folder, job.suite, programs)
    return {
      ours,
      references: [...others, await plainCopy(peers), ...raw],
      afterwards: command === null ? [] : [command],
    }
  },
  async unseal(job, folder, _folders, runner) {
    const sealing = await runner.facts({ step: 'seal', bid: folder.bidFile }, {})
    if (sealing === null) throw new Error('nothing could be sealed')
    const ours = runner.contestant('unseal', { step: 'unseal', bid: folder.bidFile })
    if (job.alone) return { ours, references: [] }
    const { peers } = folder
    const others =
      job.suite.id === 'intl-1'
        ? [await cmsDecrypt(peers), await ageDecrypt(peers)]
        : [await opensslSm4CtrDecrypt(peers)]
    return { ours, references: [...others, await plainCopy(peers)] }
  },
  async verify(job, { bid, bidFile }, _folders, runner, programs) {
    // Its memory is told by itself: a sealing takes more.
    const sealing = inProcesses(programs, true)
    if ((await sealing.facts({ step: 'seal', bid: bidFile }, {})) === null) throw new Error('nothing could be sealed')
    const ours = runner.contestant('verify', { step: 'verify', bid: bidFile })
    const seal = sealing.contestant('seal', { step: 'seal', bid: bidFile })
    if (job.alone) return { ours, references: [seal] }
    const others = job.suite.id === 'intl-1' ? [sha256sum(bid.sealed)] : [opensslSm3(bid.sealed), sha256sum(bid.sealed)]
    return { ours, references: [seal, ...others] }
  },
}

/** What a sealing does to the process it runs in: no part of the counted rounds, since looking costs a little. */
async function watched(
  { bidFile }: BenchFolder,
  { runs }: BenchJob,
  runner: StepRunner,
  control: Pick<JobControl, 'signal'>,
): Promise<Pick<BenchResult, 'loopDelayP99Ms' | 'cancelMs'>> {
  const delays: number[] = []
  const cancels: number[] = []
  for (let round = 0; round < runs; round += 1) {
    const sealing = await runner.facts({ step: 'seal', bid: bidFile, watch: true }, control)
    throwIfCancelled(control.signal)
    const stopped = await runner.facts({ step: 'cancel', bid: bidFile }, control)
    throwIfCancelled(control.signal)
    if (sealing?.loopDelayP99Ms !== undefined) delays.push(sealing.loopDelayP99Ms)
    if (stopped?.cancelMs !== undefined) cancels.push(stopped.cancelMs)
  }
  return {
    ...(delays.length === 0 ? {} : { loopDelayP99Ms: round(Math.max(...delays)) }),
    ...(cancels.length === 0 ? {} : { cancelMs: round(Math.max(...cancels)) }),
  }
}

function round(milliseconds: number): number {
  return Number(milliseconds.toFixed(2))
}
