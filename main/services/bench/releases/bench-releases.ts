import { cp, link, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeDocument } from '../../../../crypto/index.ts'
import type { JobControl } from '../../../../crypto/index.ts'
import { nodeHttp } from '../../../http/index.ts'
import { httpPlatform } from '../../../platform/index.ts'
import type { Platform } from '../../../platform/index.ts'
import { spawnPracticePlatform } from '../../../practice/index.ts'
import { benchResult, median } from '../measure.ts'
import type { BenchResult } from '../measure.ts'
import type { BenchJob, BenchPorts } from '../subject.ts'
import { preparedRelease, sendAll } from './load.ts'
import type { PreparedRelease } from './load.ts'
import { forEach, prepareLoadRelease, randomDocument, signInLoadBid, startLoadRig, submitLoadBid } from './rig.ts'
import type { LoadBid, LoadRig, LoadTender } from './rig.ts'

/** Bids whose releases are sent, and large ones of another opening that are opened meanwhile. */
export interface ReleaseCounts {
  readonly releases: number
  readonly large: number
  /** Releases of a third opening that are sent before, uncounted: a platform has not just been started. */
  readonly warm: number
}

const usual: ReleaseCounts = { releases: 1_000, large: 10, warm: 200 }
/** What the releases are sent within, in milliseconds. */
const within = 1_000
const smallDocument = 20 * 1024
const mebibyte = 2 ** 20
/** How many bidders prepare at once. */
const lanes = 8

/** What the second figure is called. */
export const besideLarge = (large: number, sizeMiB: number): string =>
  `beside ${large} bodies of ${sizeMiB} MiB being opened`

/**
 * Releases that were signed beforehand, sent within one second to a practice platform in a process of its own: the 99th
 * percentile from the moment one is due to its signed answer; with `large` beside it the same while the platform opens
 * bodies of `sizeMiB` of an opening that has just closed. Rounds in turns, each on the same prepared platform.
 */
export async function benchReleases(
  ports: BenchPorts,
  job: BenchJob,
  program: string,
  control: Pick<JobControl, 'signal'>,
  counts: ReleaseCounts = usual,
): Promise<BenchResult> {
  const root = await mkdtemp(join(tmpdir(), 'bidseal-releases-'))
  try {
    const prepared = await prepare(ports, job, program, root, counts, control)
    const alone: number[] = []
    const beside: number[] = []
    for (let run = 0; run < job.runs; run += 1) {
      alone.push(await once(prepared, program, root, false))
      if (counts.large > 0) beside.push(await once(prepared, program, root, true))
    }
    const seconds = median(alone) ?? Number.NaN
    const busy = median(beside)
    const ratio = busy === null ? null : seconds / busy
    const references = [{ name: besideLarge(counts.large, job.sizeMiB), seconds: busy, ratio }]
    const { what, suite, sizeMiB, runs } = job
    return benchResult({ what, suite: suite.id, sizeMiB, runs }, { seconds, references }, { peakMiB: 0 })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

interface PreparedOpening extends LoadTender {
  readonly sealDigests: readonly string[]
  readonly releases: readonly PreparedRelease[]
}

interface Prepared {
  /** The platform's folder, as it stands before the first release. */
  readonly folder: string
  readonly counted: PreparedOpening
  /** One more bid stands at it, so that it stays open. */
  readonly warm: PreparedOpening
  /** The other opening, and the release that closes it. */
  readonly large: { readonly openingId: string; readonly last: PreparedRelease } | null
}

async function prepare(
  ports: BenchPorts,
  job: BenchJob,
  program: string,
  root: string,
  counts: ReleaseCounts,
  control: Pick<JobControl, 'signal'>,
): Promise<Prepared> {
  const rig = await startLoadRig(ports, job.suite, program, root)
  try {
    const small = await randomDocument(join(root, 'small.pdf'), smallDocument, ports, control)
    const submitted = async (name: string, first: number, count: number): Promise<readonly LoadBid[]> => {
      const tender = await rig.publish(name)
      const bids: LoadBid[] = []
      await forEach(count, lanes, control, async number => {
        bids[number] = await submitLoadBid(rig, tender, first + number, small, false)
      })
      return bids
    }
    const counted = await submitted('releases', 0, counts.releases)
    const warm = await submitted('warm-up', counts.releases, counts.warm + 1)
    const largeBids = await submitLarge(ports, rig, root, job.sizeMiB, counts, control)
    await rig.begin()
    const opening = async (bids: readonly LoadBid[]): Promise<PreparedOpening> => {
      const releases: PreparedRelease[] = []
      await forEach(bids.length, lanes, control, async number => {
        const bid = bids[number]
        if (bid !== undefined) releases[number] = await prepareOne(rig, bid)
      })
      const [any] = bids
      if (any === undefined) throw new Error('no bids')
      const { tender, openingId } = any
      return { tender, openingId, releases, sealDigests: bids.map(({ sealDigest }) => sealDigest) }
    }
    return {
      folder: rig.places.platform,
      counted: await opening(counted),
      warm: await opening(warm.slice(0, counts.warm)),
      large: await allButOne(),
    }

    async function allButOne(): Promise<Prepared['large']> {
      let last: PreparedRelease | null = null
      for (const [index, bid] of largeBids.entries()) {
        if (index < largeBids.length - 1) {
          await signInLoadBid(rig, bid)
          await rig.platform.release(bid.openingId, await prepareLoadRelease(rig, bid))
        } else last = await prepareOne(rig, bid)
      }
      const [any] = largeBids
      return last === null || any === undefined ? null : { openingId: any.openingId, last }
    }
  } finally {
    await rig.close()
  }
}

async function submitLarge(
  ports: BenchPorts,
  rig: LoadRig,
  root: string,
  sizeMiB: number,
  { releases, warm, large }: ReleaseCounts,
  control: Pick<JobControl, 'signal'>,
): Promise<readonly LoadBid[]> {
  if (large === 0) return []
  const tender = await rig.publish('large')
  const document = await randomDocument(join(root, 'large.pdf'), sizeMiB * mebibyte, ports, control)
  const bids: LoadBid[] = []
  await forEach(large, 1, control, async number => {
    bids.push(await submitLoadBid(rig, tender, releases + warm + 1 + number, document, false))
  })
  await rm(document.path)
  return bids
}

async function prepareOne(rig: LoadRig, bid: LoadBid): Promise<PreparedRelease> {
  await signInLoadBid(rig, bid)
  return preparedRelease(await prepareLoadRelease(rig, bid))
}

/** Seconds. Everything on a copy of the prepared platform, which is left as it was. */
async function once(prepared: Prepared, program: string, root: string, busy: boolean): Promise<number> {
  const { counted, warm, large } = prepared
  const { openingId, tender, releases } = counted
  const copy = await mkdtemp(join(root, 'run-'))
  const [dir, opened] = [join(copy, 'platform'), join(copy, 'opened')]
  await copyPlatform(prepared.folder, dir)
  const running = await spawnPracticePlatform({ program, dir, opened })
  try {
    const platform = httpPlatform(running.url, nodeHttp())
    for (const each of [warm, counted]) {
      // As before every release: a client asks for the challenge first.
      await forEach(each.sealDigests.length, lanes, {}, async number => {
        await platform.challenge(each.openingId, each.sealDigests[number] ?? '')
      })
      if (each === warm) await sendAll(running.url, each.openingId, each.tender, each.releases, within)
    }
    if (busy && large !== null) {
      await sendAll(running.url, large.openingId, tender, [large.last], 0)
      await until(async () => (await readdir(opened)).length > 0)
    }
    const { p99 } = await sendAll(running.url, openingId, tender, releases, within)
    if (busy && large !== null) await requireMeanwhile(platform, large.openingId)
    const { released } = await platform.opening(openingId)
    if (released !== releases.length) throw new Error(`${released} of ${releases.length} releases are recorded`)
    return p99 / 1_000
  } finally {
    await running.close()
    await rm(copy, { recursive: true, force: true })
  }
}

/** The large bids must not have been done with before the releases came, and be opened in the end. */
async function requireMeanwhile(platform: Platform, openingId: string): Promise<void> {
  if ((await platform.record(openingId)) !== null)
    throw new Error('the large bids were opened too soon to be in the way')
  await until(async () => (await platform.record(openingId)) !== null)
  const record = await platform.record(openingId)
  const states = record === null ? [] : decodeDocument('record', record.bytes).bids.map(({ state }) => state)
  if (states.some(state => state !== 'opened')) throw new Error(`a large bid is ${states.join()}`)
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 6_000; tries += 1) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('five minutes are over')
}

/** A copy of a platform's folder; the parts, which nobody writes to any more, are the same files. */
async function copyPlatform(from: string, to: string): Promise<void> {
  const uploads = join(from, 'uploads')
  await cp(from, to, { recursive: true, filter: path => !path.startsWith(uploads) })
  await mkdir(join(to, 'uploads'))
  for (const name of await readdir(uploads)) await link(join(uploads, name), join(to, 'uploads', name))
}
