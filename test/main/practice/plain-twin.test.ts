import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bytesSource, decodeDocument, nodeFiles, openPlainTwin } from '../../../crypto/index.ts'
import type { SignedDocument } from '../../../crypto/index.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import {
  attend,
  awaitRecord,
  type Bench,
  codeOf,
  pastWindow,
  prepareRelease,
  publishTender,
  type PublishedTender,
  sealFor,
  startBench,
  submit,
  type TestBid,
  untilOpening,
} from '../../fixtures/practice-platform.ts'

let bench: Bench
let published: PublishedTender
let bid: TestBid
let twin: string
let receipt: SignedDocument

beforeEach(async () => {
  bench = await startBench()
  published = await publishTender(bench, { remedy: { kind: 'plain-twin' } })
  twin = join(mkdtempSync(join(bench.folder, 'twin-')), 'bid.twin')
  bid = await sealFor(bench, published.tender, { plainTwin: true, plainTwinTo: twin })
  receipt = await submit(bench, bid)
  // Another bid stands unreleased, so that the opening stays open.
  await submit(bench, await sealFor(bench, published.tender, { bidder: practiceCa().rival }))
})

afterEach(() => bench.close())

const begin = (): ReturnType<Bench['platform']['beginTwin']> =>
  bench.platform.beginTwin(published.openingId, bid.bid.sealDigest)
const complete = (): Promise<void> => bench.platform.completeTwin(published.openingId, bid.bid.sealDigest)

/** Sends the parts of the twin; `change` changes a byte of the body. */
async function sendTwin(change?: number): Promise<void> {
  const file = await nodeFiles.open(twin)
  try {
    const parts = await openPlainTwin(bid.bid, file)
    for (const upload of await begin()) {
      const source = parts.get(upload.name)
      if (source === undefined) throw new Error('no such part')
      const bytes = new Uint8Array(source.size)
      await source.read(0, bytes)
      if (change !== undefined && upload.name === 'body') bytes[change] = (bytes[change] ?? 0) ^ 1
      await bench.platform.sendPart(upload, bytesSource(bytes), {})
    }
  } finally {
    await file.close()
  }
}

async function recordedBid() {
  const record = decodeDocument('record', (await awaitRecord(bench, published.openingId)).bytes)
  return record.bids.find(({ sealDigest }) => sealDigest === bid.bid.sealDigest)
}

describe('a plain twin', () => {
  it('opens the bid whose keys never came, and the record holds no key of it', async () => {
    await bench.advance(untilOpening)
    await attend(bench, published.openingId, bid)
    await sendTwin()
    await complete()
    await complete()
    await bench.restart()
    expect(await bench.platform.opening(published.openingId)).toMatchObject({ state: 'open', released: 0 })
    expect(readdirSync(bench.opened)).toEqual([])
    await bench.advance(pastWindow)
    const recorded = await recordedBid()
    expect(recorded).toMatchObject({
      state: 'opened',
      openingDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    })
    expect(recorded?.partKeys).toBeUndefined()
    const documents = join(bench.opened, bid.outcome.sealId, 'documents')
    for (const [name, bytes] of bid.contents) expect(readFileSync(join(documents, name))).toEqual(Buffer.from(bytes))
  })

  it('of another run of sealing is refused with its own code and dropped; the right one may still come', async () => {
    await bench.advance(untilOpening)
    await attend(bench, published.openingId, bid)
    await sendTwin(100)
    expect(await codeOf(complete())).toBe('opening.other-run')
    expect((await begin()).find(part => part.name === 'body')?.offset).toBe(0)
    await sendTwin()
    await complete()
    await bench.advance(pastWindow)
    expect(await recordedBid()).toMatchObject({ state: 'opened' })
  })

  it('counts for nothing where the keys came', async () => {
    await bench.advance(untilOpening)
    const release = await prepareRelease(bench, published.openingId, bid, receipt)
    await sendTwin()
    await complete()
    await bench.platform.release(published.openingId, release)
    await bench.advance(pastWindow)
    const recorded = await recordedBid()
    expect(recorded?.state).toBe('opened')
    expect(recorded?.partKeys).toHaveLength(2)
  })

  it('is taken only inside the window, from a bidder who has signed in, and whole', async () => {
    expect(await codeOf(begin())).toBe('platform.not-open')
    await bench.advance(untilOpening)
    expect(await codeOf(begin())).toBe('platform.refused')
    await attend(bench, published.openingId, bid)
    expect(await codeOf(complete())).toBe('platform.refused')
    await begin()
    expect(await codeOf(complete())).toBe('platform.refused')
    await sendTwin()
    await bench.advance(pastWindow)
    expect(await codeOf(complete())).toBe('platform.closed')
    expect(await codeOf(begin())).toBe('platform.closed')
    expect(await recordedBid()).toMatchObject({ state: 'not-released' })
  })

  it('is refused where the tender allows none', async () => {
    const other = await publishTender(bench, { tenderId: 'without' })
    const plain = await sealFor(bench, other.tender)
    await submit(bench, plain)
    await bench.advance(untilOpening)
    await attend(bench, other.openingId, plain)
    expect(await codeOf(bench.platform.beginTwin(other.openingId, plain.bid.sealDigest))).toBe('opening.remedy')
  })
})
