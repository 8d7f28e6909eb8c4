import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ByteSource } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PartName } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import { twinIdOf, uploadIdOf } from '../state/bid-record.ts'
import type { BidPart, BidRecord } from '../state/bid-record.ts'
import { failureOf } from './failure-facts.ts'
import { openBid } from './open-bid.ts'
import { openerArgument } from './opener-process.ts'
import type { OpenerAnswer, OpenerJob, OpenerRequest } from './opener-jobs.ts'
import { pendingAnswers } from './pending-answers.ts'
import type { Traffic } from './traffic.ts'

/** Opens the bids of closed openings, where and when that keeps nobody waiting. */
export interface BidOpener {
  /**
   * Opens one bid with its part keys, or with its plain twin where there are none; one after the other. Answers the digest
   * of the opening data. The keys stay the caller's. Throws `seal.*` and `input.*` of the bid, `output.*`, `internal`.
   */
  open(
    context: PracticeContext,
    bid: BidRecord,
    receivedAt: Date,
    partKeys: ReadonlyMap<PartName, Uint8Array> | null,
  ): Promise<string>
  /** Stops at once. What was being opened fails with `internal`, and is opened again by whoever takes it up. */
  close(): void
}

/**
 * An opener over a process of its own (`program` is the platform's built program): it has the lowest priority, stands still
 * while the platform is busy, and dies with it. Without a program, in the app, and for parts that are no files, bids are opened here,
 * piece by piece in quiet moments.
 */
export function bidOpener(program: string | null, traffic: Traffic): BidOpener {
  // The app's executable starts the app and no program of ours (fuse runAsNode): there bids are opened here.
  const apart = Object.hasOwn(process.versions, 'electron') ? null : program
  let child: OpenerChild | null = null
  let before: Promise<unknown> = Promise.resolve()
  let swept = false
  let closed = false

  const open: BidOpener['open'] = async (context, bid, receivedAt, partKeys) => {
    if (closed) throw ended()
    if (!swept) await sweep(context.folders.opened)
    swept = true
    const paths = apart === null ? null : await pathsOf(context, bid, partKeys === null)
    if (apart === null || paths === null) return openHere(context, bid, receivedAt, partKeys, traffic)
    if (child === null || child.gone) child = startChild(apart, traffic)
    return child.open({
      sealId: bid.sealId,
      headerArchive: await context.bids.headerArchive(bid.sealDigest),
      tender: join(context.folders.tenders, `${bid.packageDigest}.tender`),
      receivedAt: receivedAt.toISOString(),
      partKeys: partKeys === null ? null : [...partKeys].map(([name, key]) => ({ name, key })),
      parts: paths,
      folder: context.folders.opened,
    })
  }
  return {
    open(...job) {
      const turn = before.then(
        () => open(...job),
        () => open(...job),
      )
      before = turn
      return turn
    },
    close() {
      closed = true
      child?.end()
    },
  }
}

interface OpenerChild {
  readonly gone: boolean
  open(job: Omit<OpenerJob, 'kind' | 'number'>): Promise<string>
  end(): void
}

function startChild(program: string, traffic: Traffic): OpenerChild {
  const child: ChildProcess = fork(program, [openerArgument], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  })
  const pending = pendingAnswers<string>(brokenOff)
  const send = (request: OpenerRequest): void => {
    if (child.connected) child.send(request)
  }
  const unwatch = traffic.watch(busy => {
    send({ kind: 'pace', busy })
  })
  const end = (): void => {
    unwatch()
    pending.end()
  }
  child.once('error', end)
  child.once('exit', end)
  child.on('message', (answer: OpenerAnswer) => {
    if ('openingDigest' in answer) pending.answered(answer.number, answer.openingDigest)
    else pending.failed(answer.number, failureOf(answer))
  })
  if (traffic.busy) send({ kind: 'pace', busy: true })
  // An idle opener keeps no process alive that wants to end.
  child.unref()
  child.channel?.unref()
  return {
    get gone() {
      return pending.gone
    },
    open: job =>
      pending.ask(number => {
        send({ kind: 'open', number, ...job })
      }),
    end() {
      child.kill('SIGKILL')
      end()
    },
  }
}

async function openHere(
  context: PracticeContext,
  bid: BidRecord,
  receivedAt: Date,
  partKeys: ReadonlyMap<PartName, Uint8Array> | null,
  traffic: Traffic,
): Promise<string> {
  const tender = context.tenders.byDigest(bid.packageDigest)?.tender
  if (tender === undefined) throw new AppFailure('platform.unknown', 'the tender package is gone')
  const { sealId } = bid
  const headerArchive = await context.bids.headerArchive(bid.sealDigest)
  const parts = new Map<PartName, ByteSource>()
  try {
    for (const part of bid.parts) {
      const stored = partKeys === null ? context.uploads.openTwin(bid, part) : context.uploads.open(bid, part)
      parts.set(part.name, await stored)
    }
    const folder = context.folders.opened
    return await openBid({ sealId, headerArchive, tender, receivedAt, partKeys, parts, folder }, () => traffic.quiet())
  } finally {
    for (const source of parts.values()) await source.close()
  }
}

/** The files of a bid's parts, or of its twin's; null where they are kept elsewhere. */
async function pathsOf(context: PracticeContext, bid: BidRecord, twin: boolean): Promise<OpenerJob['parts'] | null> {
  const nameOf = (part: BidPart): string => (twin ? twinIdOf(bid, part.name) : uploadIdOf(bid, part.name))
  const paths = bid.parts.map(part => ({ name: part.name, path: join(context.folders.uploads, nameOf(part)) }))
  const there = await Promise.all(paths.map(({ path }) => stat(path).catch(() => null)))
  return there.every(status => status?.isFile() === true) ? paths : null
}

/** Drafts of a run that was killed. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\..*\.part$/.test(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

const brokenOff = 'the opening of a bid was broken off'

function ended(): AppFailure {
  return new AppFailure('internal', brokenOff)
}
