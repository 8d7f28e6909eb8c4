import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { decodeDocument, intl1, sha256Hex, systemClock, verifyPlatformDocument } from '../../../crypto/index.ts'
import { nodeHttp } from '../../../main/http/index.ts'
import { httpPlatform } from '../../../main/platform/index.ts'
import { practiceAdmin, spawnPracticePlatform } from '../../../main/practice/index.ts'
import type { SpawnedPlatform } from '../../../main/practice/index.ts'
import {
  authorise,
  awaitRecord,
  type Bench,
  codeOf,
  makePlatformFolder,
  prepareRelease,
  publishTender,
  sealFor,
  untilOpening,
  uploadParts,
} from '../../fixtures/practice-platform.ts'
import { seededRandom } from '../../fixtures/seeded-random.ts'

const program = fileURLToPath(new URL('../../../out/practice.cjs', import.meta.url))
const patient = { tries: 400, firstWait: 20, longestWait: 60 }
const cleanups: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface KillBench extends Bench {
  /** Runs work while the process is killed and started again so many times, after random waits. */
  underKills<T>(kills: number, longestWait: number, work: () => Promise<T>): Promise<T>
}

/** A platform in a process of its own, always on the same port. */
async function startKillBench(random: () => number): Promise<KillBench> {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-kill-'))
  const dir = join(folder, 'platform')
  const opened = join(folder, 'opened')
  await makePlatformFolder(dir)
  let running: SpawnedPlatform = await spawnPracticePlatform({ program, dir, opened })
  cleanups.push(
    () => {
      rmSync(folder, { recursive: true, force: true })
    },
    () => running.kill(),
  )
  const port = Number(new URL(running.url).port)
  const http = nodeHttp()
  let offset = 0
  const restart = async (): Promise<void> => {
    await running.kill()
    running = await spawnPracticePlatform({ program, dir, opened, port })
  }
  const admin = (): ReturnType<typeof practiceAdmin> => practiceAdmin(running, http)
  return {
    folder,
    suite: intl1,
    dir,
    opened,
    http,
    restart,
    get platform() {
      return httpPlatform(running.url, http, { retry: patient })
    },
    get admin() {
      return admin()
    },
    get url() {
      return running.url
    },
    clock: { now: () => new Date(systemClock.now().getTime() + offset) },
    async advance(milliseconds) {
      await admin().advanceClock(milliseconds)
      offset += milliseconds
    },
    close: () => running.close(),
    async underKills(kills, longestWait, work) {
      const outcome = work()
      outcome.catch(() => undefined)
      for (let kill = 0; kill < kills; kill++) {
        await new Promise(resolve => setTimeout(resolve, random() * longestWait))
        await restart()
      }
      return outcome
    },
  }
}

describe('a platform killed at random moments', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('loses no bid, no receipt and no release (seed %i)', async seed => {
    const random = seededRandom(seed)
    const bench = await startKillBench(random)
    const { tender, openingId } = await publishTender(bench)
    const large = { name: '技术方案.pdf', bytes: new Uint8Array(6 * 2 ** 20).fill(seed) }
    const bid = await sealFor(bench, tender, { documents: [large] })
    const authorisation = await authorise(bench, bid)
    const { platform } = bench

    const receipt = await bench.underKills(2, 120, async () => {
      const submission = await platform.beginSubmission({ headerArchive: bid.headerArchive, authorisation })
      for (;;) {
        await uploadParts(bench, bid, submission).catch(() => undefined)
        try {
          return await platform.completeSubmission(submission.submissionId)
        } catch (error) {
          // The upload gave up while the platform was away: go on with it.
          if (!(error instanceof Error) || !error.message.startsWith('platform.refused')) throw error
        }
      }
    })
    expect(decodeDocument('receipt', receipt.bytes).sealDigest).toBe(bid.bid.sealDigest)
    verifyPlatformDocument('receipt', receipt, tender, 'receipt', bench.clock.now())
    const again = await platform.beginSubmission({ headerArchive: bid.headerArchive, authorisation })
    expect(again).toMatchObject({ state: 'received', receipt })
    const pieces: Uint8Array[] = []
    for await (const piece of await bench.admin.archive(bid.bid.sealDigest)) pieces.push(piece)
    expect(sha256Hex(...pieces)).toBe(sha256Hex(readFileSync(bid.path)))

    await bench.advance(untilOpening)
    const release = await prepareRelease(bench, openingId, bid, receipt)
    const releaseReceipt = await bench.underKills(2, 40, () => platform.release(openingId, release))
    expect(await platform.release(openingId, release)).toEqual(releaseReceipt)
    const record = decodeDocument('record', (await awaitRecord(bench, openingId)).bytes)
    expect(record.bids).toMatchObject([{ sealDigest: bid.bid.sealDigest, state: 'opened' }])
    const stored = JSON.parse(readFileSync(join(bench.dir, 'attendances', `${bid.bid.sealDigest}.json`), 'utf8')) as {
      releases: unknown[]
    }
    expect(stored.releases).toHaveLength(1)
    expect(readdirSync(bench.opened)).toEqual([bid.outcome.sealId])
    const documents = join(bench.opened, bid.outcome.sealId, 'documents')
    expect(Buffer.compare(readFileSync(join(documents, large.name)), large.bytes)).toBe(0)
  })
})

describe('the platform as a process', () => {
  it('takes no nonce twice across a kill', async () => {
    const bench = await startKillBench(seededRandom(99))
    const { tender } = await publishTender(bench)
    const bid = await sealFor(bench, tender)
    const authorisation = await authorise(bench, bid)
    await bench.platform.beginSubmission({ headerArchive: bid.headerArchive, authorisation })
    await bench.restart()
    const { nonce } = decodeDocument('submit', authorisation.bytes)
    const other = await authorise(bench, bid, { nonce, at: new Date(0).toISOString() })
    const request = { headerArchive: bid.headerArchive, authorisation: other }
    expect(await codeOf(bench.platform.beginSubmission(request))).toBe('platform.nonce')
  })

  it('refuses to serve a folder another one serves, and says so', async () => {
    const bench = await startKillBench(seededRandom(98))
    expect(await codeOf(spawnPracticePlatform({ program, dir: bench.dir }))).toBe('arguments.bad')
  })

  it('refuses a folder that holds no platform', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bidseal-empty-'))
    cleanups.push(() => {
      rmSync(dir, { recursive: true })
    })
    expect(await codeOf(spawnPracticePlatform({ program, dir }))).toBe('arguments.bad')
  })

  it('ends when its parent’s pipe closes, however that comes about', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bidseal-orphan-'))
    cleanups.push(() => {
      rmSync(folder, { recursive: true, force: true })
    })
    await makePlatformFolder(folder)
    const child = spawn(process.execPath, [program, '--dir', folder, '--quiet', '--with-parent'])
    await once(child.stdout, 'data')
    child.stdin.end()
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('ends in order when it is asked to', async () => {
    const bench = await startKillBench(seededRandom(97))
    await bench.close()
    expect(readdirSync(bench.dir)).not.toContain('instance.json')
  })
})
