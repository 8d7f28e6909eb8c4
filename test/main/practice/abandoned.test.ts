import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import {
  attend,
  begin,
  type Bench,
  codeOf,
  pastWindow,
  publishTender,
  sealFor,
  startBench,
  submit,
  untilDeadline,
  untilOpening,
  uploadParts,
} from '../../fixtures/practice-platform.ts'

let bench: Bench

beforeEach(async () => {
  bench = await startBench()
})

afterEach(async () => {
  await bench.close()
})

function uploads(): readonly string[] {
  return readdirSync(join(bench.dir, 'uploads')).sort()
}

/** Waits until the platform has looked at its openings once more. */
async function tidied(wanted: number): Promise<readonly string[]> {
  for (let tries = 0; tries < 60 && uploads().length !== wanted; tries++) {
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  return uploads()
}

describe('uploads that were abandoned', () => {
  it('are removed when the opening begins, and not before; what was received stays', async () => {
    const { tender } = await publishTender(bench)
    const received = await sealFor(bench, tender)
    await submit(bench, received)
    const abandoned = await sealFor(bench, tender, { bidder: practiceCa().rival })
    const submission = await begin(bench, abandoned)
    await uploadParts(bench, abandoned, submission)
    await bench.advance(untilDeadline)
    await new Promise(resolve => setTimeout(resolve, 700))
    expect(uploads()).toHaveLength(4)
    await bench.advance(untilOpening - untilDeadline)
    const kept = await tidied(2)
    expect(kept.every(name => !name.startsWith(submission.submissionId))).toBe(true)
    expect(kept).toHaveLength(2)
    // Its record and its header are still there.
    expect(await bench.admin.bids()).toHaveLength(2)
    expect((await bench.platform.header(abandoned.bid.sealDigest)).length).toBeGreaterThan(0)
    expect(await codeOf(uploadParts(bench, abandoned, submission))).not.toBe('')
  })

  it('are removed by the next start when the platform was down at that time', async () => {
    const { tender } = await publishTender(bench)
    await begin(bench, await sealFor(bench, tender))
    await bench.advance(untilDeadline)
    expect(uploads()).toHaveLength(2)
    await bench.advance(untilOpening - untilDeadline)
    await bench.restart()
    expect(await tidied(0)).toEqual([])
  })

  it('of a plain twin go when the window has closed without it', async () => {
    const { tender, openingId } = await publishTender(bench, { remedy: { kind: 'plain-twin' } })
    const bid = await sealFor(bench, tender, { plainTwin: true })
    await submit(bench, bid)
    await bench.advance(untilOpening)
    await attend(bench, openingId, bid)
    await bench.platform.beginTwin(openingId, bid.bid.sealDigest)
    expect(uploads()).toHaveLength(4)
    await bench.advance(pastWindow)
    expect(await tidied(2)).toHaveLength(2)
  })

  it('of a plain PUT are removed by the next start', async () => {
    const { url, headers } = bench.admin.scratch('plain.bin')
    const put = await fetch(url, { method: 'PUT', headers, body: 'bytes' })
    expect(await put.json()).toEqual({ size: 5 })
    expect(existsSync(join(bench.dir, 'uploads', 'scratch.plain.bin'))).toBe(true)
    await bench.restart()
    expect(uploads()).toEqual([])
  })
})
