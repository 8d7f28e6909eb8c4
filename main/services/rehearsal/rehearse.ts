import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCertificate } from '../../../crypto/index.ts'
import type { Clock, JobControl, SignedDocument, Suite } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { practiceAdmin, spawnPracticePlatform } from '../../practice/index.ts'
import type { SpawnedPlatform } from '../../practice/index.ts'
import { writeFileAtomic } from '../../store/index.ts'
import type { ReceiptFields } from '../delivery/receipt.ts'
import { submitBid } from '../delivery/submit.ts'
import { exportEvidence } from '../evidence/export.ts'
import { attendOpening } from '../opening/attend.ts'
import type { RecordFields } from '../opening/record.ts'
import type { ModuleReference, Ports } from '../ports.ts'
import { withSealedBid } from '../sealed/sealed-file.ts'
import { verifyBid } from '../sealed/verify.ts'
import { sealFolder } from '../sealing/seal-folder.ts'
import type { SealReport } from '../sealing/seal-folder.ts'
import { importTender, openTender } from '../tenders/tender-file.ts'
import type { Locks } from '../tokens/locks.ts'
import { openLocks } from '../tokens/locks.ts'
import type { Trust } from '../trust.ts'
import { sameFiles } from './compare.ts'
import type { RehearsalFolders } from './folders.ts'
import type { RehearsalKit, RunStep, StepName } from './kit.ts'
import { makeKit } from './kit.ts'
import { composePracticeBid } from './practice-bid.ts'
import { signPracticeBid } from './practice-signatures.ts'
import { project } from './project.ts'

export interface RehearsalOptions {
  /** Prepared, empty. */
  readonly folders: RehearsalFolders
  /** A module with a blank token; null for a soft lock. */
  readonly module: ModuleReference | null
  readonly suite: Suite
  /** Bytes of an extra attachment. */
  readonly attachment: number
  /** The built practice platform. */
  readonly platformProgram: string
  /** The typeface for the documents. */
  readonly font: string
  /** The real parts, with the rehearsal's own home and a clock that can be moved. */
  readonly portsWith: (home: string, clock: Clock) => Ports
  readonly machineClock: Clock
  readonly onStep?: (step: RehearsalStep) => void
}

export interface RehearsalStep {
  readonly name: StepName
  readonly ms: number
}

export interface RehearsalOutcome {
  readonly sealed: SealReport
  readonly sealedPath: string
  readonly steps: readonly RehearsalStep[]
  readonly receipt: ReceiptFields
  readonly record: RecordFields
  /** Whether what the platform decrypted is, byte for byte, what was put in. */
  readonly digestsEqual: boolean
}

const hour = 3_600_000

/**
 * The main job from end to end with real parts only: CA, lock, tender, bid, sealing with its self-test, submission to a
 * platform in a process of its own, the opening an hour later by the rehearsal's clock, release, record, comparison.
 */
export async function rehearse(options: RehearsalOptions, control: JobControl): Promise<RehearsalOutcome> {
  const { folders } = options
  const steps: RehearsalStep[] = []
  const step: RunStep = async (name, work) => {
    const started = performance.now()
    const result = await work()
    const done = { name, ms: Math.round(performance.now() - started) }
    steps.push(done)
    options.onStep?.(done)
    return result
  }
  const clock = movableClock(options.machineClock)
  const ports = options.portsWith(folders.home, clock)
  let platform: SpawnedPlatform | null = null
  let locks: Locks | null = null
  try {
    const terms = {
      openingTime: wholeMinute(clock.now().getTime() + hour),
      keyPolicy: 'bidder',
      remedy: 'none',
      signed: true,
    } as const
    const kit = await makeKit(ports, folders, { suite: options.suite, module: options.module, terms }, step, control)
    platform = await spawnPracticePlatform({
      program: options.platformProgram,
      dir: folders.platform,
      opened: folders.opened,
    })
    const admin = practiceAdmin(platform, ports.http)
    await admin.publishPackage(kit.tender.packageBytes)
    const trust: Trust = { anchors: [parseCertificate(kit.authority.root)], named: true }
    await importTender(ports, await openTender(ports, kit.tender.path, trust))
    locks = locksOf(ports, kit)
    const job: Job = { options, ports, control, kit, locks, trust, url: platform.url, step }
    const sealed = await composeAndSeal(job)
    const { receipt } = await submitAndKeep(job)
    await step('opening', async () => {
      // The hour passes for the platform and for us alike.
      const wait = terms.openingTime.getTime() - clock.now().getTime() + 1_000
      await admin.advanceClock(wait)
      clock.move(wait)
    })
    const record = await attend(job, sealed.sealId)
    await step('evidence', () => keepEvidence(job, sealed.sealId))
    const digestsEqual = await step('compare', () =>
      sameFiles(join(folders.bid, 'documents'), join(folders.opened, sealed.sealId, 'documents'), control.signal),
    )
    return { sealed, sealedPath: sealedPath(folders), steps, receipt, record, digestsEqual }
  } finally {
    await locks?.close()
    await platform?.close()
    await ports.tokens.close()
  }
}

interface Job {
  readonly options: RehearsalOptions
  readonly ports: Ports
  readonly control: JobControl
  readonly kit: RehearsalKit
  readonly locks: Locks
  readonly trust: Trust
  readonly url: string
  readonly step: RunStep
}

async function composeAndSeal({ options, ports, control, kit, locks, trust, step }: Job): Promise<SealReport> {
  const { folders } = options
  const { tender } = kit.tender
  const workshop = join(folders.root, 'workshop')
  try {
    await step('bid', () =>
      composePracticeBid(
        {
          folder: folders.bid,
          workshop,
          tender,
          font: options.font,
          attachment: options.attachment,
          at: options.machineClock.now(),
          randomness: ports.randomness,
        },
        control,
      ),
    )
  } finally {
    await rm(workshop, { recursive: true, force: true })
  }
  await step('sign', () =>
    signPracticeBid(ports, locks, { folder: folders.bid, tender, token: kit.lock.uri, ...options }, control),
  )
  const sealed = await step('seal', () =>
    sealFolder(
      ports,
      locks,
      {
        folder: folders.bid,
        tender,
        suite: options.suite.id,
        sign: kit.lock.uri,
        backups: [],
        output: sealedPath(folders),
        selfTest: true,
        again: false,
      },
      control,
    ),
  )
  await step('verify', () =>
    withSealedBid(ports, sealedPath(folders), async bid => {
      const { failure } = await verifyBid(bid, { anchors: trust.anchors, tender }, control)
      if (failure !== null) throw new AppFailure(failure.code, failure.detail ?? '')
    }),
  )
  return sealed
}

async function submitAndKeep({
  options,
  ports,
  control,
  kit,
  locks,
  trust,
  url,
  step,
}: Job): Promise<{ receipt: ReceiptFields }> {
  const { folders } = options
  const request = { file: sealedPath(folders), platformUrl: url, token: kit.lock.uri, trust }
  const { receipt, document } = await step('submit', () => submitBid(ports, locks, request, control))
  await keep(folders, 'receipt', document)
  return { receipt }
}

/** Two steps of one act: the keys are released, and the record followed. */
async function attend(
  { options, ports, control, kit, locks, trust, url, step }: Job,
  sealId: string,
): Promise<RecordFields> {
  const request = {
    bid: sealId,
    platformUrl: url,
    token: kit.lock.uri,
    trust,
    questions: { isThisTheBid: () => Promise.resolve(false), hasItBegun: () => Promise.resolve(false) },
  }
  await step('release', () => attendOpening(ports, locks, { ...request, follow: false, confirm: false }, control))
  const { record } = await step('record', () =>
    attendOpening(ports, locks, { ...request, follow: true, confirm: true }, control),
  )
  if (record === null) throw new AppFailure('internal', 'the record was not followed')
  await keep(options.folders, 'record', record.document)
  if (record.own.state !== 'opened') {
    throw new AppFailure('opening.record', `the practice platform could not open the bid (${record.own.code ?? ''})`)
  }
  return record.fields
}

/** What happened, for anyone to check: `evidence.zip`, signed by the lock. */
async function keepEvidence({ options, ports, kit, locks, trust }: Job, sealId: string): Promise<void> {
  await exportEvidence(ports, {
    sealId,
    output: join(options.folders.root, 'evidence.zip'),
    font: options.font,
    sign: { locks, token: kit.lock.uri },
    anchors: trust.anchors,
  })
}

async function keep({ root }: RehearsalFolders, name: 'receipt' | 'record', document: SignedDocument): Promise<void> {
  await writeFileAtomic(join(root, `${name}.json`), document.bytes)
  await writeFileAtomic(join(root, `${name}.p7s`), document.signature)
}

function locksOf(ports: Ports, { lock }: RehearsalKit): Locks {
  return openLocks({
    hosts: ports.tokens,
    modules: [lock.module],
    order: [lock.uri],
    askPin: () => Promise.resolve({ pin: lock.pin }),
  })
}

function sealedPath({ sealed }: RehearsalFolders): string {
  return join(sealed, `${project.title}${project.lot}-${project.bidder}.sbid`)
}

/** Times in a tender are read by people. */
function wholeMinute(time: number): Date {
  return new Date(Math.ceil(time / 60_000) * 60_000)
}

function movableClock(machine: Clock): Clock & { move(milliseconds: number): void } {
  let offset = 0
  return {
    now: () => new Date(machine.now().getTime() + offset),
    move(milliseconds) {
      offset += milliseconds
    },
  }
}
