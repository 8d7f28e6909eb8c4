import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeDocument, sha256Hex } from '../../../crypto/index.ts'
import type { Release, SignedDocument } from '../../../crypto/index.ts'
import type { ReleaseAnswer } from '../../../main/platform/index.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import {
  awaitRecord,
  type Bench,
  codeOf,
  pastWindow,
  prepareRelease,
  type PublishedTender,
  receiptIn,
  sealFor,
  startBenchWithBid,
  submit,
  type TestBid,
  untilOpening,
} from '../../fixtures/practice-platform.ts'

let bench: Bench
let published: PublishedTender
let bid: TestBid
let rival: TestBid
let releases: readonly [Release, Release]
let rivalsReceipt: SignedDocument

beforeEach(async () => {
  ;({ bench, published, bid } = await startBenchWithBid())
  rival = await sealFor(bench, published.tender, { bidder: practiceCa().rival })
  const receipt = await submit(bench, bid)
  rivalsReceipt = await submit(bench, rival)
  await bench.advance(untilOpening)
  const { openingId } = published
  releases = [
    await prepareRelease(bench, openingId, bid, receipt),
    await prepareRelease(bench, openingId, rival, rivalsReceipt),
  ]
})

afterEach(() => bench.close())

const send = (release: Release): Promise<ReleaseAnswer> => bench.platform.release(published.openingId, release)

async function untilReceipt(release: Release): Promise<ReleaseAnswer> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await send(release)
    if (answer.state === 'receipt') return answer
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  throw new Error('no receipt after five seconds')
}

describe('a platform that is slow with releases', () => {
  it('tells each its place, the same for the same bytes, and works them off in the order they came', async () => {
    const again = await prepareRelease(bench, published.openingId, rival, rivalsReceipt)
    await bench.admin.script({ perRelease: 400 })
    expect(await send(releases[0])).toMatchObject({ state: 'queued', ahead: 0 })
    expect(await send(releases[1])).toMatchObject({ state: 'queued', ahead: 1 })
    expect(await send(again)).toMatchObject({ state: 'queued', ahead: 2 })
    expect(await send(releases[1])).toMatchObject({ state: 'queued', ahead: 1 })
    expect(await bench.platform.opening(published.openingId)).toMatchObject({ released: 0, bids: 2 })
    const answer = receiptIn(await untilReceipt(releases[1]))
    expect(decodeDocument('releaseReceipt', answer.bytes).releaseDigest).toBe(sha256Hex(releases[1].bytes))
    // Whoever came before has a receipt by then, and whoever came after has none yet.
    expect(await send(releases[0])).toMatchObject({ state: 'receipt' })
    expect(await send(again)).toMatchObject({ state: 'queued', ahead: 0 })
    expect(receiptIn(await send(releases[1]))).toEqual(answer)
  })

  it('keeps the queue over a restart and takes no release for two', async () => {
    await bench.admin.script({ perRelease: 60_000 })
    expect(await send(releases[0])).toMatchObject({ state: 'queued', ahead: 0 })
    await bench.restart()
    const answer = receiptIn(await untilReceipt(releases[0]))
    expect(decodeDocument('releaseReceipt', answer.bytes).parts.map(part => part.result)).toEqual([
      'matched',
      'matched',
    ])
    await bench.restart()
    const name = `${bid.bid.sealDigest}.json`
    const stored = JSON.parse(readFileSync(join(bench.dir, 'attendances', name), 'utf8')) as Record<string, unknown[]>
    expect(stored['releases']).toHaveLength(1)
    expect(stored['waiting']).toEqual([])
  })

  it('opens what came in time, though its turn came after the close', async () => {
    await bench.admin.script({ perRelease: 700 })
    expect(await send(releases[0])).toMatchObject({ state: 'queued' })
    await bench.advance(pastWindow)
    expect(await codeOf(send(releases[1]))).toBe('platform.closed')
    const record = decodeDocument('record', (await awaitRecord(bench, published.openingId)).bytes)
    const stateOf = (each: TestBid): string | undefined =>
      record.bids.find(({ sealDigest }) => sealDigest === each.bid.sealDigest)?.state
    expect([stateOf(bid), stateOf(rival)]).toEqual(['opened', 'not-released'])
    expect(readdirSync(bench.opened)).toEqual([bid.outcome.sealId])
  })

  it('gives no place to a release it would refuse', async () => {
    await bench.admin.script({ perRelease: 60_000 })
    const forged = { ...releases[0], signature: releases[1].signature }
    expect(await codeOf(send(forged))).toBe('document.signature')
    expect(await send(releases[1])).toMatchObject({ state: 'queued', ahead: 0 })
  })
})
