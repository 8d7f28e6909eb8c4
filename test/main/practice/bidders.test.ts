import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  bytesSource,
  decodeDocument,
  gm1,
  intl1,
  readSealedBid,
  toBase64,
  verifySealedBid,
} from '../../../crypto/index.ts'
import {
  awaitRecord,
  type Bench,
  codeOf,
  pastWindow,
  publishTender,
  sealFor,
  startBench,
  submit,
  tenderSpec,
  untilOpening,
} from '../../fixtures/practice-platform.ts'

describe.each([intl1, gm1])('bidders the platform plays, in suite $id', suite => {
  let bench: Bench

  beforeEach(async () => {
    bench = await startBench(suite)
  })

  afterEach(async () => {
    await bench.close()
  })

  async function acceptedCas(): Promise<readonly string[]> {
    const { tender } = await publishTender(bench, { tenderId: 'another' })
    return [...tender.fields.acceptedCas, toBase64(await bench.admin.bidderAuthority())]
  }

  it('have bids that stand beside one’s own, each of another bidder and whole to the last check', async () => {
    const { tender, openingId } = await publishTender(bench, { acceptedCas: await acceptedCas() })
    await submit(bench, await sealFor(bench, tender))
    const played = await bench.admin.bidders(openingId, 3)
    await bench.restart()
    played.concat(await bench.admin.bidders(openingId, 1))
    const bids = await bench.admin.bids()
    expect(bids.filter(bid => bid.state === 'received')).toHaveLength(5)
    for (const sealDigest of played) {
      const pieces: Uint8Array[] = []
      for await (const piece of await bench.admin.archive(sealDigest)) pieces.push(piece)
      const sealed = await readSealedBid(bytesSource(new Uint8Array(Buffer.concat(pieces))))
      const verified = await verifySealedBid(sealed, { anchors: tender.anchors, tender, at: bench.clock.now() })
      expect(verified.creditCode).toMatch(/^91530100MA/)
    }
    await bench.advance(untilOpening)
    expect((await bench.platform.opening(openingId)).bids).toBe(5)
    await bench.advance(pastWindow)
    const record = decodeDocument('record', (await awaitRecord(bench, openingId)).bytes)
    expect(new Set(record.bids.map(bid => bid.bidder.creditCode)).size).toBe(5)
  })

  it('come to no tender that does not accept their authority, and to none whose deadline has passed', async () => {
    const { openingId } = await publishTender(bench)
    expect(await codeOf(bench.admin.bidders(openingId, 1))).toBe('tender.invalid')
    const late = await publishTender(bench, { tenderId: 'late', acceptedCas: await acceptedCas() })
    await bench.advance(untilOpening)
    expect(await codeOf(bench.admin.bidders(late.openingId, 1))).toBe('platform.late')
    expect(await codeOf(bench.admin.bidders(late.openingId, 0))).toBe('platform.refused')
    expect(tenderSpec(bench.clock.now()).acceptedCas).toHaveLength(1)
  })
})
