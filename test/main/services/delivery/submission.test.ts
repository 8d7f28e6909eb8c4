import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { judgementOf, submitBid, unsealBid, verifyBid, withSealedBid } from '../../../../main/services/index.ts'
import type { DeliveryState } from '../../../../main/store/index.ts'
import { type BidderHome, bidderHome } from '../../../fixtures/bidder-home.ts'
import { practiceCa, practiceNotBefore } from '../../../fixtures/practice-ca.ts'
import {
  type Bench,
  codeOf,
  type PublishedTender,
  sealFor,
  tenderSpec,
  type TestBid,
  untilOpening,
  startBenchWithBid,
} from '../../../fixtures/practice-platform.ts'

let bench: Bench
let published: PublishedTender
let bid: TestBid
let own: BidderHome

beforeEach(async () => {
  ;({ bench, published, bid } = await startBenchWithBid())
  own = bidderHome(bench, 'home')
})

afterEach(async () => {
  await bench.close()
})

const submit = ({ ports, locks, request } = own, { path } = bid) =>
  submitBid(ports, locks, { ...request, file: path }, {})
const delivery = async (of = bid) => {
  const found = await own.ports.deliveries.get(of.bid.header.sealId)
  if (found === null) throw new Error('the home does not know the bid')
  return found
}
const setState = async (state: DeliveryState, of = bid): Promise<void> =>
  own.ports.deliveries.save({ ...(await delivery(of)), state })
const unsealHere = () => {
  const { ports, locks, request } = own
  const keys = { kind: 'lock', locks, uri: 'p12:' } as const
  const judge = (each: TestBid['bid']) => judgementOf(ports, each, request.trust)
  return unsealBid(ports, { file: bid.path, output: join(bench.folder, 'unsealed'), keys, judge }, {})
}
const loseReceipt = async (): Promise<void> => {
  await own.ports.deliveries.keepDocument(bid.bid.header.sealId, 'receipt', {
    bytes: new Uint8Array(0),
    signature: new Uint8Array(0),
  })
}

test('opens no bid before its opening that left this computer, however far it got', async () => {
  await submit()
  for (const state of ['submitting', 'received', 'replaced', 'withdrawn', 'released'] as const) {
    await setState(state)
    expect(await codeOf(unsealHere())).toBe('bid.before-opening')
    expect(existsSync(join(bench.folder, 'unsealed'))).toBe(false)
  }
  await setState('received')
  await bench.advance(untilOpening)
  expect((await unsealHere()).sealId).toBe(bid.bid.header.sealId)
})

test('a bid that never left this computer opens at any time', async () => {
  await submit()
  await setState('sealed')
  expect((await unsealHere()).sealId).toBe(bid.bid.header.sealId)
})

test('judges certificates at the receipt, by the clock it was given until there is one', async () => {
  const shortLived = practiceCa().issue('bidder-sign', {
    profile: 'sign',
    creditCode: practiceCa().bidder.creditCode,
    notBefore: practiceNotBefore,
    notAfter: new Date(bench.clock.now().getTime() + 2 * 3_600_000),
  })
  const bidder = { ...practiceCa().bidder, sign: shortLived }
  bid = await sealFor(bench, published.tender, { bidder })
  own = bidderHome(bench, 'home', { bidder })
  await submit()
  await bench.advance(4 * 3_600_000)
  const judged = (home: BidderHome) =>
    withSealedBid(home.ports, bid.path, async each =>
      verifyBid(each, await judgementOf(home.ports, each, home.request.trust), {}),
    )
  expect((await judged(own)).failure).toBeNull()
  const elsewhere = bidderHome(bench, 'elsewhere')
  expect((await judged(elsewhere)).failure).toMatchObject({ code: 'seal.signature', because: 'cert.expired' })
  expect((await unsealHere()).sealId).toBe(bid.bid.header.sealId)
}, 30_000)

test('asks the platform for a bid that was on its way, even when its package has been amended since', async () => {
  const receipt = await submit()
  // Killed before the receipt was kept.
  await setState('submitting')
  await loseReceipt()
  await bench.admin.makeTender({ ...tenderSpec(bench.clock.now()), supersedes: published.tender.packageDigest })
  const again = await submit()
  expect(again.receipt).toEqual(receipt.receipt)
  expect((await delivery()).state).toBe('received')
})

test('a bid on its way that the platform never received is free again once its package was amended', async () => {
  await submit(own)
  const lost = await sealFor(bench, published.tender)
  await own.ports.deliveries.save({
    ...(await delivery()),
    sealId: lost.bid.header.sealId,
    sealDigest: lost.bid.sealDigest,
    state: 'submitting',
  })
  await bench.admin.makeTender({ ...tenderSpec(bench.clock.now()), supersedes: published.tender.packageDigest })
  expect(await codeOf(submit(own, lost))).toBe('tender.addendum-newer')
  expect((await delivery(lost)).state).toBe('sealed')
})

test('says of the bid before that it was replaced, even if a kill came in between', async () => {
  await submit()
  const next = await sealFor(bench, published.tender, { replaces: bid.bid.sealDigest })
  await submit(own, next)
  expect((await delivery()).state).toBe('replaced')
  await setState('received')
  expect((await submit(own, next)).already).toBe(true)
  expect((await delivery()).state).toBe('replaced')
  await setState('received')
  await setState('submitting', next)
  expect((await submit(own, next)).already).toBe(true)
  expect([(await delivery()).state, (await delivery(next)).state]).toEqual(['replaced', 'received'])
})

test('delivers once when two programs submit at once', async () => {
  const answers = await Promise.all([submit(), submit(bidderHome(bench, 'home'))])
  expect(answers.map(({ already }) => already).sort()).toEqual([false, true])
  const kinds = (await own.ports.journal.entries()).map(({ kind }) => kind)
  expect(kinds.filter(kind => kind === 'submission-begun')).toHaveLength(1)
})
