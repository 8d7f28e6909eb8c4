import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { headerArchive, nodeFiles, readSealedBid, signDocument } from '../../../../crypto/index.ts'
import type { SealedBid } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../contract/failure.ts'
import { nodeHttp } from '../../../http/index.ts'
import { httpPlatform } from '../../../platform/index.ts'
import type { Platform, SubmissionPart } from '../../../platform/index.ts'
import { practiceAdmin, spawnPracticePlatform } from '../../../practice/index.ts'
import type { PracticeAdmin } from '../../../practice/index.ts'
import type { RehearsalFolders } from '../../rehearsal/folders.ts'
import type { BenchFolder } from '../bench-folder.ts'
import type { Contestant } from '../measure.ts'
import type { Plan } from '../plan.ts'
import { program } from '../programs.ts'
import { inProcesses } from '../runners.ts'
import type { StepRunner } from '../runners.ts'
import { readyBid } from '../stored-bid.ts'
import type { BenchPorts, BenchPrograms } from '../subject.ts'

interface Rig {
  readonly platform: Platform
  readonly admin: PracticeAdmin
  readonly folder: BenchFolder
  readonly folders: RehearsalFolders
  readonly programs: BenchPrograms
  readonly ports: BenchPorts
}

/**
 * The upload of a sealed bid to a practice platform in a process of its own, beside a plain PUT of the same file to the same
 * server. Every round seals a new bid, which is not counted, and every file is a new one on the platform's disk.
 */
export async function withUploadPlan<T>(
  { ports, folder, folders, programs }: Omit<Rig, 'platform' | 'admin'>,
  runner: StepRunner,
  work: (plan: Plan) => Promise<T>,
): Promise<T> {
  if (programs.practice === undefined) throw new AppFailure('arguments.bad', 'the practice platform is not here')
  const running = await spawnPracticePlatform({ program: programs.practice, dir: folders.platform })
  try {
    const http = nodeHttp()
    const admin = practiceAdmin(running, http)
    await admin.publishPackage(await readFile(folder.tender.path))
    const rig: Rig = { platform: httpPlatform(running.url, http), admin, folder, folders, programs, ports }
    return await work({ ours: ours(rig, runner), references: [put(rig), curl(rig)] })
  } finally {
    await running.close()
  }
}

/** Upload, its begin and its sealing before that uncounted. */
function ours(rig: Rig, runner: StepRunner): Contestant {
  const { bid, bidFile } = rig.folder
  const sealing = inProcesses(rig.programs, false)
  return {
    name: 'upload',
    async run(control) {
      await clear(rig)
      if ((await sealing.facts({ step: 'seal', bid: bidFile }, control)) === null) return null
      const parts = (await begin(rig)).map(({ name, uploadUrl }) => ({ name, url: uploadUrl }))
      const facts = await runner.facts({ step: 'upload', file: bid.sealed, parts }, control)
      await clear(rig)
      return facts?.seconds ?? null
    },
  }
}

async function begin({ platform, folder, ports }: Rig): Promise<readonly SubmissionPart[]> {
  const { options, stored } = await readyBid(folder.bidFile)
  const source = await nodeFiles.open(stored.sealed)
  try {
    const bid = await readSealedBid(source)
    const fields = await authorisationOf(bid, platform, ports)
    const authorisation = await signDocument('submit', fields, options.signer, bid.suite, ports.clock)
    return (await platform.beginSubmission({ headerArchive: headerArchive(bid), authorisation })).parts
  } finally {
    await source.close()
  }
}

async function authorisationOf({ header, sealDigest }: SealedBid, platform: Platform, { clock }: BenchPorts) {
  const { tender, bidder, sealId } = header
  return {
    platform: tender.platform,
    tenderId: tender.tenderId,
    lotId: tender.lotId,
    ...{ sealDigest, sealId, creditCode: bidder.creditCode },
    nonce: await platform.nonce(),
    at: clock.now().toISOString(),
  }
}

/** A whole file in one request, from a process of plain Node. */
function put(rig: Rig): Contestant {
  const runner = inProcesses(rig.programs, false)
  return {
    name: 'plain PUT',
    async run(control) {
      await clear(rig)
      const facts = await runner.facts(
        { step: 'put', file: rig.folder.bid.sealed, ...rig.admin.scratch('put') },
        control,
      )
      return facts?.seconds ?? null
    },
  }
}

/** The same by curl, its start and end counted. */
function curl(rig: Rig): Contestant {
  const { url, headers } = rig.admin.scratch('curl')
  // It would wait for leave to send the body.
  const shown = Object.entries({ ...headers, expect: '' }).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const contestant = program('curl -T', 'curl', ['-sf', '-T', rig.folder.bid.sealed, ...shown, url])
  return {
    name: contestant.name,
    async run(control) {
      await clear(rig)
      return contestant.run(control)
    },
  }
}

/** Takes away what was uploaded: nobody asks for a receipt, and a disk is not measured when it is full. */
async function clear({ folders }: Rig): Promise<void> {
  const uploads = join(folders.platform, 'uploads')
  for (const name of await readdir(uploads).catch(() => [])) await rm(join(uploads, name), { force: true })
}
