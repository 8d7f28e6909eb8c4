import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCertificate, suiteById, throwIfCancelled } from '../../crypto/index.ts'
import type { Clock, Suite } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { RehearsalSuite } from '../contract/guards.ts'
import type { BidId, TenderId } from '../contract/ids.ts'
import type { RehearsalView } from '../contract/views.ts'
import { practiceAdmin } from '../practice/index.ts'
import type { PracticeAdmin, SpawnedPlatform } from '../practice/index.ts'
import { importTender, makeKit, openTender, prepareRehearsal } from '../services/index.ts'
import type { ModuleReference, Ports, RehearsalFolders, RehearsalKit } from '../services/index.ts'
import { rehearsalDocuments, renderDocument } from '../services/rehearsal/documents.ts'
import { writeFileAtomic } from '../store/index.ts'
import { bidFolder } from './desks.ts'
import type { Desk } from './desks.ts'
import type { Jobs, JobSubject, RunningJob } from './jobs.ts'
import { openSettings } from './settings.ts'

/** The rehearsal (模拟演练) of this run: at most one, with a home, a clock and a platform of its own. */
export interface RehearsalRoom {
  view(): RehearsalView
  /** Sets one up: CA, lock, platform, tender, documents to bid with. Throws `arguments.bad` while one is running. */
  start(job: RunningJob, suite: RehearsalSuite): Promise<void>
  /** Moves its clocks past the opening time. */
  skipToOpening(): Promise<void>
  /** Ends it, its jobs with what they ask, and takes everything away that it left. Harmless when none is running. */
  stop(): Promise<void>
}

export interface RehearsalRoomOptions {
  /** Where it is kept while it runs. */
  readonly folder: string
  /** The typeface of its documents. */
  readonly font: string
  readonly machineClock: Clock
  readonly portsWith: (home: string, clock: Clock) => Ports
  readonly startPlatform: (folders: RehearsalFolders) => Promise<SpawnedPlatform>
  /** Puts its desk into the window, or takes it away. */
  readonly seat: (desk: Desk | null) => void
  readonly forget: (module: ModuleReference) => Promise<void>
  /** Cancels jobs and waits for their end. */
  readonly endJobs: Jobs['end']
}

interface Running {
  readonly desk: Desk
  readonly kit: RehearsalKit
  readonly platform: SpawnedPlatform
  readonly admin: PracticeAdmin
  readonly clock: MovableClock
  readonly openingTime: Date
}

const hour = 3_600_000

export function openRehearsalRoom(options: RehearsalRoomOptions): RehearsalRoom {
  let running: Running | null = null
  let stopping: Promise<void> | null = null

  async function setUp(job: RunningJob, suite: Suite): Promise<Running> {
    const { control } = job
    await rm(options.folder, { recursive: true, force: true })
    const folders = await prepareRehearsal(options.folder)
    const clock = movableClock(options.machineClock)
    const ports = options.portsWith(folders.home, clock)
    const openingTime = new Date(Math.ceil((clock.now().getTime() + hour) / 60_000) * 60_000)
    const terms = { openingTime, keyPolicy: 'bidder', remedy: 'none', signed: false } as const
    const kit = await makeKit(
      ports,
      folders,
      { suite, module: null, terms },
      (name, work) => {
        job.stage(name)
        return work()
      },
      control,
    )
    job.stage('bid')
    const documents = join(folders.root, 'documents')
    await drawUpDocuments(documents, options.font, clock.now(), control.signal)
    const platform = await options.startPlatform(folders)
    try {
      const admin = practiceAdmin(platform, ports.http)
      await admin.publishPackage(kit.tender.packageBytes)
      const trust = { anchors: [parseCertificate(kit.authority.root)], named: true }
      await importTender(ports, await openTender(ports, kit.tender.path, trust))
      throwIfCancelled(control.signal)
      const settings = await openSettings(join(folders.home, 'window.json'))
      await settings.save({ platforms: { [kit.tender.tender.packageDigest]: platform.url } })
      const desk: Desk = { practice: true, ports, settings, modules: [kit.lock.module], documents }
      options.seat(desk)
      return { desk, kit, platform, admin, clock, openingTime }
    } catch (error) {
      await platform.kill()
      throw error
    }
  }

  async function stop(): Promise<void> {
    // One that is just being set up takes its things away itself.
    await options.endJobs(({ kind }) => kind === 'rehearsal')
    if (running !== null) {
      options.seat(null)
      await options.endJobs(await jobsOf(running.desk))
    }
    await clear()
  }

  async function clear(): Promise<void> {
    const ending = running
    running = null
    options.seat(null)
    if (ending !== null) {
      await ending.platform.close()
      await options.forget(ending.kit.lock.module)
    }
    await rm(options.folder, { recursive: true, force: true })
  }

  return {
    view: () => ({
      running: running !== null,
      tender: (running?.kit.tender.tender.packageDigest ?? null) as TenderId | null,
      practicePin: running?.kit.lock.pin ?? null,
    }),
    async start(job, id) {
      const suite = suiteById(id)
      if (suite === null) throw new AppFailure('arguments.bad', 'this version does not have the suite')
      await stopping
      if (running !== null) throw new AppFailure('arguments.bad', 'a rehearsal is running')
      try {
        running = await setUp(job, suite)
      } catch (error) {
        await clear()
        throw error
      }
    },
    async skipToOpening() {
      if (running === null) throw new AppFailure('arguments.bad', 'no rehearsal is running')
      const { admin, clock, openingTime } = running
      const left = openingTime.getTime() - clock.now().getTime() + 1_000
      if (left <= 0) return
      await admin.advanceClock(left)
      clock.move(left)
    },
    stop() {
      stopping ??= stop().finally(() => {
        stopping = null
      })
      return stopping
    },
  }
}

/** The jobs on bids and sealed bids of a desk. */
async function jobsOf(desk: Desk): Promise<(subject: JobSubject) => boolean> {
  const seals = new Set((await desk.ports.deliveries.list()).map(({ sealId }) => sealId))
  return ({ kind, about }) => (kind === 'seal' ? existsSync(bidFolder(desk, about as BidId)) : seals.has(about))
}

/** What a bidder would have prepared: one PDF for each document the tender asks for. */
async function drawUpDocuments(folder: string, font: string, at: Date, signal: AbortSignal): Promise<void> {
  const typeface = await readFile(font).catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'the typeface for the practice documents is missing', { cause: error })
  })
  for (const document of rehearsalDocuments) {
    throwIfCancelled(signal)
    await writeFileAtomic(join(folder, document.fileName), await renderDocument(document, typeface, at))
  }
}

interface MovableClock extends Clock {
  move(milliseconds: number): void
}

function movableClock(machine: Clock): MovableClock {
  let offset = 0
  return {
    now: () => new Date(machine.now().getTime() + offset),
    move(milliseconds) {
      offset += milliseconds
    },
  }
}
