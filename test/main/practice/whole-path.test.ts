import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gm1, intl1, listDigest, sha256Hex, verifyPlatformDocument } from '../../../crypto/index.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import {
  awaitRecord,
  type Bench,
  prepareRelease,
  receiptIn,
  publishTender,
  sealFor,
  startBench,
  submit,
  untilOpening,
} from '../../fixtures/practice-platform.ts'

let bench: Bench

afterEach(async () => {
  await bench.close()
})

describe.each([
  ['intl-1', 'bidder', intl1],
  ['intl-1', 'split', intl1],
  ['gm-1', 'bidder', gm1],
  ['gm-1', 'split', gm1],
] as const)('a bid of suite %s under key policy %s', (_id, keyPolicy, suite) => {
  beforeEach(async () => {
    bench = await startBench(suite)
  })

  it('goes from the submission to the record, and what is opened is what was sealed', async () => {
    const { tender, openingId } = await publishTender(bench, { keyPolicy })
    const bid = await sealFor(bench, tender)
    const receipt = await submit(bench, bid)
    const received = verifyPlatformDocument('receipt', receipt, tender, 'receipt', bench.clock.now())
    expect(received).toMatchObject({ kind: 'received', sealDigest: bid.bid.sealDigest, size: bid.outcome.size })

    expect(await bench.platform.opening(openingId)).toMatchObject({ state: 'waiting', bids: 0, released: 0 })
    await bench.advance(untilOpening)
    expect(await bench.platform.opening(openingId)).toMatchObject({ state: 'open', bids: 1, released: 0 })
    const release = await prepareRelease(bench, openingId, bid, receipt)
    const releaseReceipt = receiptIn(await bench.platform.release(openingId, release))
    const taken = verifyPlatformDocument('releaseReceipt', releaseReceipt, tender, 'opening', bench.clock.now())
    expect(taken.releaseDigest).toBe(sha256Hex(release.bytes))
    expect(taken.parts.map(part => part.result)).toEqual(['matched', 'matched'])

    const record = await awaitRecord(bench, openingId)
    const recorded = verifyPlatformDocument('record', record, tender, 'opening', bench.clock.now())
    expect(recorded.list).toBe(listDigest([bid.bid.sealDigest]))
    expect(recorded.bids).toMatchObject([{ sealDigest: bid.bid.sealDigest, state: 'opened' }])
    expect(recorded.bids[0]?.partKeys?.map(part => part.name)).toEqual(['opening', 'body'])
    expect(await bench.platform.sealedDigests(openingId)).toEqual([bid.bid.sealDigest])

    const documents = join(bench.opened, bid.outcome.sealId, 'documents')
    expect(readdirSync(documents).sort()).toEqual([...bid.contents.keys()].sort())
    for (const [name, bytes] of bid.contents) expect(readFileSync(join(documents, name))).toEqual(Buffer.from(bytes))
    expect(readdirSync(bench.opened)).toEqual([bid.outcome.sealId])
  })
})

describe('the practice platform', () => {
  beforeEach(async () => {
    bench = await startBench()
  })

  it('stores the very bytes of the sealed file', async () => {
    const { tender } = await publishTender(bench)
    const bid = await sealFor(bench, tender)
    await submit(bench, bid)
    const pieces: Uint8Array[] = []
    for await (const piece of await bench.admin.archive(bid.bid.sealDigest)) pieces.push(piece)
    expect(sha256Hex(...pieces)).toBe(sha256Hex(readFileSync(bid.path)))
  })

  it('opens several bidders, closes when the last has released, and lists them all', async () => {
    const { tender, openingId } = await publishTender(bench)
    const one = await sealFor(bench, tender)
    const other = await sealFor(bench, tender, { bidder: practiceCa().rival })
    const receipts = [await submit(bench, one), await submit(bench, other)]
    await bench.advance(untilOpening)
    for (const [index, bid] of [one, other].entries()) {
      expect((await bench.platform.opening(openingId)).state).toBe('open')
      const receipt = receipts[index]
      if (receipt === undefined) throw new Error('unreachable')
      await bench.platform.release(openingId, await prepareRelease(bench, openingId, bid, receipt))
    }
    expect(await bench.platform.opening(openingId)).toMatchObject({ state: 'closed', released: 2, bids: 2 })
    const record = verifyPlatformDocument(
      'record',
      await awaitRecord(bench, openingId),
      tender,
      'opening',
      bench.clock.now(),
    )
    expect(record.bids.map(bid => bid.state)).toEqual(['opened', 'opened'])
    expect(await bench.platform.sealedDigests(openingId)).toEqual([one.bid.sealDigest, other.bid.sealDigest].sort())
  })
})
