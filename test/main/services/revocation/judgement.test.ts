import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { intl1, parseCertificate, signDocument } from '../../../../crypto/index.ts'
import { writeTenderPackage } from '../../../../main/platform/index.ts'
import { judgementOf, openTender, submitBid, verifyBid, withSealedBid } from '../../../../main/services/index.ts'
import { shelfAt } from '../../../../main/services/revocation/shelf.ts'
import { type BidderHome, bidderHome } from '../../../fixtures/bidder-home.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { practiceList } from '../../../fixtures/practice-lists.ts'
import {
  type Bench,
  codeOf,
  type PublishedTender,
  type TestBid,
  startBenchWithBid,
} from '../../../fixtures/practice-platform.ts'

const ca = practiceCa()
const minute = 60_000
let bench: Bench
let published: PublishedTender
let bid: TestBid
let own: BidderHome

beforeEach(async () => {
  ;({ bench, published, bid } = await startBenchWithBid())
  own = bidderHome(bench, 'home')
})
afterEach(() => bench.close())

const from = (minutes: number): Date => {
  const time = new Date(bench.clock.now().getTime() + minutes * minute)
  time.setMilliseconds(0)
  return time
}
/** Puts a list made now into the home, as fetching would. */
async function keep(entries: readonly { certificate: Uint8Array; since: Date }[]): Promise<void> {
  const span = { thisUpdate: from(0), nextUpdate: from(600) }
  const series = { kind: 'crl' as const, issuer: parseCertificate(ca.intermediate).subject, place: 'http://ca/1.crl' }
  await shelfAt(own.ports.home.revocation).put(series, span, practiceList({ ...span, entries }))
}
const submit = () => submitBid(own.ports, own.locks, { ...own.request, file: bid.path }, {})
const verify = () =>
  withSealedBid(own.ports, bid.path, async each =>
    verifyBid(each, await judgementOf(own.ports, each, own.request.trust), {}),
  )
const signer = () => ca.bidder.sign.certificate

test('a bid whose signer is known to be revoked is not submitted', async () => {
  await keep([{ certificate: signer(), since: from(-1) }])
  expect(await codeOf(submit())).toBe('seal.signature')
  expect(await own.ports.deliveries.get(bid.bid.header.sealId)).toBeNull()
  expect(await verify()).toMatchObject({ failure: { because: 'cert.revoked' }, revocation: [] })
})

test('a revocation after the receipt changes nothing for the bid that was received', async () => {
  await keep([])
  await submit()
  expect((await verify()).revocation[0]).toMatchObject({ status: 'good', source: 'crl' })
  await bench.advance(30 * minute)
  await keep([{ certificate: signer(), since: from(-1) }])
  const report = await verify()
  expect(report.failure).toBeNull()
  expect(report.revocation[0]).toMatchObject({ status: 'good', source: 'crl' })
  // Without the receipt it would be judged now.
  const elsewhere = bidderHome(bench, 'elsewhere')
  const judged = await withSealedBid(own.ports, bid.path, async each => {
    const { revocation } = await judgementOf(own.ports, each, own.request.trust)
    return verifyBid(each, { ...(await judgementOf(elsewhere.ports, each, own.request.trust)), revocation }, {})
  })
  expect(judged.failure).toMatchObject({ because: 'cert.revoked' })
})

test('a new tender package whose signer is known to be revoked is refused', async () => {
  const path = join(bench.folder, 'package.tender')
  const fields = { ...published.tender.fields, attachments: [] }
  const document = await signDocument('tender', fields, ca.bidder.sign.signer(), intl1, bench.clock)
  writeFileSync(path, await writeTenderPackage(document, []))
  const trust = { ...own.request.trust, named: true }
  await keep([{ certificate: signer(), since: from(1) }])
  expect((await openTender(own.ports, path, trust)).tender.fields.tenderId).toBe(fields.tenderId)
  await keep([{ certificate: signer(), since: from(-1) }])
  expect(await codeOf(openTender(own.ports, path, trust))).toBe('cert.revoked')
})
