import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeDocument, intl1, sha256Hex, signDocument } from '../../crypto/index.ts'
import type { DocumentFields, Release, SignedDocument } from '../../crypto/index.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import {
  attend,
  type Bench,
  codeOf,
  pastWindow,
  prepareRelease,
  type PublishedTender,
  sealFor,
  submit,
  type TestBid,
  untilOpening,
  withdrawal,
  startBenchWithBid,
} from '../fixtures/practice-platform.ts'

// The attacks of seal-format.md that need a platform with a state: what it knows decides, not the document alone.

let bench: Bench
let published: PublishedTender
let bid: TestBid
let receipt: SignedDocument

beforeEach(async () => {
  ;({ bench, published, bid } = await startBenchWithBid())
  receipt = await submit(bench, bid)
  // Another bid stands unreleased, so that the opening stays open.
  await submit(bench, await sealFor(bench, published.tender, { bidder: practiceCa().rival }))
})
afterEach(() => bench.close())

async function resigned(
  release: Release,
  change: (fields: DocumentFields<'release'>) => Partial<DocumentFields<'release'>>,
): Promise<Release> {
  const fields = decodeDocument('release', release.bytes)
  const signer = bid.bidder.sign.signer()
  const document = await signDocument('release', { ...fields, ...change(fields) }, signer, intl1, bench.clock)
  return { ...document, envelopes: release.envelopes }
}

describe('the platform', () => {
  it('gives no early challenge', async () => {
    expect(await codeOf(bench.platform.challenge(published.openingId, bid.bid.sealDigest))).toBe('platform.not-open')
  })

  it('takes no release for a bid that was replaced, and none in its name for the one that stands', async () => {
    const { openingId } = published
    const second = await sealFor(bench, published.tender, { replaces: bid.bid.sealDigest })
    const secondReceipt = await submit(bench, second)
    await bench.advance(untilOpening)
    expect(await codeOf(attend(bench, openingId, bid))).toBe('platform.unknown')
    expect(await codeOf(bench.platform.challenge(openingId, bid.bid.sealDigest))).toBe('platform.unknown')
    const release = await prepareRelease(bench, openingId, second, secondReceipt)
    const replaced = await resigned(release, () => ({ sealDigest: bid.bid.sealDigest }))
    expect(await codeOf(bench.platform.release(openingId, replaced))).toBe('platform.unknown')
    expect((await bench.platform.opening(openingId)).released).toBe(0)
  })

  it('takes no release for a bid that was withdrawn', async () => {
    await bench.platform.withdraw(await withdrawal(bench, bid))
    await bench.advance(untilOpening)
    expect(await codeOf(attend(bench, published.openingId, bid))).toBe('platform.unknown')
  })

  it('takes no release to an unlisted certificate, of one part only, or after the close', async () => {
    const { openingId } = published
    await bench.advance(untilOpening)
    const release = await prepareRelease(bench, openingId, bid, receipt)
    const unlisted = sha256Hex(practiceCa().timestamp.certificate)
    const elsewhere = await resigned(release, () => ({ recipient: unlisted }))
    expect(await codeOf(bench.platform.release(openingId, elsewhere))).toBe('opening.challenge')
    const half = await resigned(release, ({ parts }) => ({ parts: parts.slice(0, 1) }))
    expect(await codeOf(bench.platform.release(openingId, half))).toBe('opening.challenge')
    await bench.advance(pastWindow)
    expect(await codeOf(bench.platform.release(openingId, release))).toBe('platform.closed')
  })

  it('takes no second bid with a sealId it knows', async () => {
    const again = await sealFor(bench, published.tender, { replaces: bid.bid.sealDigest })
    await submit(bench, again)
    expect(await codeOf(submit(bench, bid))).toBe('platform.seal-known')
  })
})
