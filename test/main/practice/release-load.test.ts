import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { constants, getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { decodeDocument, intl1, systemClock, systemRandomness } from '../../../crypto/index.ts'
import { nodeHttp } from '../../../main/http/index.ts'
import { httpPlatform } from '../../../main/platform/index.ts'
import { spawnPracticePlatform } from '../../../main/practice/index.ts'
import type { SpawnedPlatform } from '../../../main/practice/index.ts'
import { creditCodeOf } from '../../../main/services/bench/releases/bidders.ts'
import type { LoadBidder } from '../../../main/services/bench/releases/bidders.ts'
import { preparedRelease, sendAll } from '../../../main/services/bench/releases/load.ts'
import {
  forEach,
  prepareLoadRelease,
  randomDocument,
  signInLoadBid,
  startLoadRig,
  submitLoadBid,
} from '../../../main/services/bench/releases/rig.ts'
import type { LoadBid, LoadRig } from '../../../main/services/bench/releases/rig.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { makePlatformFolder } from '../../fixtures/practice-platform.ts'
import { scale } from '../../setup/scale.ts'

const program = fileURLToPath(new URL('../../../out/practice.cjs', import.meta.url))
const ports = { clock: systemClock, randomness: systemRandomness }
const cleanups: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function startRig(): Promise<{ readonly rig: LoadRig; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-load-'))
  cleanups.push(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  const rig = await startLoadRig(ports, intl1, program, folder, async places => {
    await makePlatformFolder(places.platform)
    return { root: practiceCa().root, bidder: bidderOf }
  })
  cleanups.push(() => rig.close())
  return { rig, folder }
}

/** Certificates of his own, on keys that all share. */
function bidderOf(number: number): LoadBidder {
  const creditCode = creditCodeOf(number)
  const sign = practiceCa().issue('load-sign', { profile: 'sign', creditCode })
  const decrypt = practiceCa().issue('load-decrypt', { profile: 'decrypt', creditCode })
  const { certificate } = decrypt
  return { name: `投标人 ${number}`, creditCode, certificate, signer: sign.signer(), opener: decrypt.opener() }
}

async function signedIn(rig: LoadRig, bid: LoadBid) {
  await signInLoadBid(rig, bid)
  return preparedRelease(await prepareLoadRelease(rig, bid))
}

describe('many releases at once', () => {
  it('are each answered once, by a receipt of its own, and recorded once', async () => {
    const count = scale({ slice: 24, full: 400 })
    const { rig, folder } = await startRig()
    const published = await rig.publish('many')
    const document = await randomDocument(join(folder, 'small.pdf'), 5_000, ports, {})
    const bids: LoadBid[] = []
    await forEach(count, 8, {}, async number => {
      bids.push(await submitLoadBid(rig, published, number, document, false))
    })
    await rig.begin()
    const releases = await Promise.all(bids.map(bid => signedIn(rig, bid)))
    // All in one moment, and again: the answers are the same receipts, or the sending would tell.
    const { openingId, tender } = published
    await Promise.all([
      sendAll(rig.url, openingId, tender, releases, 0),
      sendAll(rig.url, openingId, tender, releases, 0),
    ])
    expect(await rig.platform.opening(openingId)).toMatchObject({ state: 'closed', released: count, bids: count })
    await recorded(rig, openingId)
    for (const { sealDigest } of bids) {
      const path = join(rig.places.platform, 'attendances', `${sealDigest}.json`)
      expect((JSON.parse(readFileSync(path, 'utf8')) as { releases: unknown[] }).releases).toHaveLength(1)
    }
  })
})

describe('the opening of bids in the background', () => {
  it('dies with the platform, and goes on after the next start without a key on the disk', async () => {
    const { rig, folder } = await startRig()
    const published = await rig.publish('killed')
    const document = await randomDocument(join(folder, 'large.pdf'), 24 * 2 ** 20, ports, {})
    const bids: LoadBid[] = []
    await forEach(3, 1, {}, async number => {
      bids.push(await submitLoadBid(rig, published, number, document, false))
    })
    await rig.begin()
    const { openingId, tender } = published
    const releases = await Promise.all(bids.map(bid => signedIn(rig, bid)))
    await rig.close()
    let running = await start(rig)
    await sendAll(running.url, openingId, tender, releases, 0)
    await until(() => drafts(rig).length > 0)
    const opener = childrenOf(running.pid)
    expect(opener.map(pid => getPriority(Number(pid)))).toEqual([constants.priority.PRIORITY_LOW])
    await running.kill()
    await until(() => opener.every(pid => !existsSync(`/proc/${pid}`)))
    running = await start(rig)
    const { bids: outcome } = await recorded({ platform: httpPlatform(running.url, nodeHttp()) }, openingId)
    expect(outcome.map(({ state }) => state)).toEqual(['opened', 'opened', 'opened'])
    expect(drafts(rig)).toEqual([])
    expect(readdirSync(rig.places.opened)).toHaveLength(3)
    const keys = outcome.flatMap(({ partKeys = [] }) => partKeys.map(({ key }) => key))
    for (const folderName of ['attendances', 'bids', 'nonces']) {
      const files = readdirSync(join(rig.places.platform, folderName))
      const text = files.map(name => readFileSync(join(rig.places.platform, folderName, name), 'latin1')).join()
      for (const key of keys) {
        expect(text).not.toContain(key)
        expect(text).not.toContain(Buffer.from(key, 'hex').toString('base64'))
      }
    }
  })
})

async function start(rig: LoadRig): Promise<SpawnedPlatform> {
  const running = await spawnPracticePlatform({ program, dir: rig.places.platform, opened: rig.places.opened })
  cleanups.push(() => running.kill())
  return running
}

function drafts(rig: LoadRig): readonly string[] {
  return readdirSync(rig.places.opened).filter(name => name.startsWith('.'))
}

function childrenOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(each => each.trim() !== '')
}

async function recorded({ platform }: Pick<LoadRig, 'platform'>, openingId: string) {
  await until(async () => (await platform.record(openingId)) !== null)
  const record = await platform.record(openingId)
  if (record === null) throw new Error('unreachable')
  return decodeDocument('record', record.bytes)
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  throw new Error('half a minute is over')
}
