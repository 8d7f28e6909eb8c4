import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { headerArchive } from '../../../../crypto/index.ts'
import {
  answerRecord,
  attendOpening,
  openingReadiness,
  submitBid,
  watchOpening,
} from '../../../../main/services/index.ts'
import type { OpeningNews, OpeningRequest } from '../../../../main/services/index.ts'
import { writeFileAtomic } from '../../../../main/store/index.ts'
import { type BidderHome, bidderHome, yes } from '../../../fixtures/bidder-home.ts'
import {
  type Bench,
  codeOf,
  pastWindow,
  publishTender,
  type PublishedTender,
  sealFor,
  startBench,
  type TestBid,
  untilOpening,
} from '../../../fixtures/practice-platform.ts'
import { recoveryCode } from '../../../fixtures/sealed-bid.ts'

let bench: Bench
let published: PublishedTender
let bid: TestBid
let own: BidderHome
let news: OpeningNews[]

beforeEach(async () => {
  bench = await startBench()
  own = bidderHome(bench, 'home')
  news = []
})

afterEach(async () => {
  await bench.close()
})

const publish = async (remedy: 'none' | 'recovery-code' | 'plain-twin' = 'none', twinTo?: string): Promise<void> => {
  published = await publishTender(bench, { remedy: { kind: remedy } })
  bid = await sealFor(bench, published.tender, {
    ...(remedy === 'recovery-code' ? { recovery: true } : {}),
    ...(twinTo === undefined ? {} : { plainTwin: true, plainTwinTo: twinTo }),
  })
}
const submit = () => submitBid(own.ports, own.locks, { ...own.request, file: bid.path }, {})
const open = (change: Partial<OpeningRequest> = {}, { ports, locks, request }: BidderHome = own) =>
  attendOpening(
    ports,
    locks,
    {
      ...{ ...request, bid: bid.bid.header.sealId, follow: true, confirm: true, questions: yes },
      ...{ onNews: each => void news.push(each), ...change },
    },
    {},
  )
const kindsOfNews = () => [...new Set(news.map(({ kind }) => kind))]

test('waits for the opening on the platform’s events, releases, follows to the record and confirms it', async () => {
  await publish()
  await submit()
  const outcome = open({ wait: true })
  await wait(300)
  expect(kindsOfNews()).toEqual(['countdown'])
  await bench.advance(untilOpening)
  const { record, confirmed } = await outcome
  expect([record?.own.state, confirmed]).toEqual(['opened', true])
  expect(kindsOfNews()).toEqual(expect.arrayContaining(['stored', 'challenged']))
  expect(news.find(({ kind }) => kind === 'stored')).toMatchObject({ header: 'same' })
})

test('an extension the platform signs moves the opening; the old time opens nothing', async () => {
  await publish()
  await submit()
  const { deadline, openingTime } = published.tender.fields
  const later = (time: string): Date => new Date(new Date(time).getTime() + 3_600_000)
  await bench.admin.extend({
    ...{ packageDigest: published.tender.packageDigest },
    ...{ deadline: later(deadline), openingTime: later(openingTime) },
  })
  await bench.advance(untilOpening)
  expect(await codeOf(open())).toBe('opening.early')
  await bench.advance(3_600_000)
  expect((await open()).record?.own.state).toBe('opened')
})

test('from another computer, with the header, the recovery code and a queue before it', async () => {
  await publish('recovery-code')
  await submit()
  const header = join(bench.folder, 'bid.header')
  await writeFileAtomic(header, headerArchive(bid.bid))
  await bench.advance(untilOpening)
  await bench.admin.script({ perRelease: 600 })
  const elsewhere = bidderHome(bench, 'elsewhere', { named: true })
  const keys = { kind: 'recovery-code', code: recoveryCode } as const
  const { record, confirmed } = await open({ bid: header, keys }, elsewhere)
  expect([record?.own.state, confirmed]).toEqual(['opened', true])
  expect(kindsOfNews()).toContain('queued')
})

test('the plain twin opens the bid the platform has, and one of another run does not', async () => {
  const twin = join(bench.folder, 'twin')
  const another = join(bench.folder, 'another-twin')
  await publish('plain-twin', twin)
  await sealFor(bench, published.tender, { plainTwin: true, plainTwinTo: another })
  await submit()
  await bench.advance(untilOpening)
  const handOver = () => Promise.resolve(true)
  expect(await codeOf(open({ keys: { kind: 'plain-twin', file: another, handOver } }))).toBe('opening.other-run')
  // A twin opens a bid that was not released: that is known when the window ends.
  const onStep = (step: string): void => void (step === 'released' && bench.advance(pastWindow))
  const outcome = await open({ keys: { kind: 'plain-twin', file: twin, handOver }, onStep })
  expect([outcome.record?.own.state, outcome.releaseReceipt]).toEqual(['opened', null])
})

test('an outage in the middle is waited out, and the release is recorded once', async () => {
  await publish()
  await submit()
  await bench.advance(untilOpening)
  await bench.admin.script({
    refuse: [{ route: 'release', times: 2, code: 'platform.unreachable', says: '维护中' }],
    lose: [{ route: 'release', times: 1 }],
  })
  expect((await open()).record?.own.state).toBe('opened')
  expect(await bench.platform.opening(published.openingId)).toMatchObject({ state: 'closed', released: 1 })
})

test('ready before the opening and watched to it; objected to after it', async () => {
  await publish()
  await submit()
  const request = { ...own.request, bid: bid.bid.header.sealId }
  const [key] = await own.locks.keys('', 'sign')
  if (key === undefined) throw new Error('no key')
  const locks = { ...own.locks, find: () => Promise.resolve(key.token) }
  const { ready, lines } = await openingReadiness(own.ports, locks, request, {})
  expect([ready, lines.filter(({ status }) => status !== 'ok')]).toEqual([true, []])
  const watched = watchOpening(own.ports, () => Promise.resolve(locks), request, {})
  await wait(200)
  await bench.advance(untilOpening)
  expect((await watched).status.state).toBe('open')
  await open({ confirm: false })
  const questions = {
    afterUsualLimit: () => Promise.resolve(false),
    afterTheOpposite: () => Promise.resolve(false),
  }
  const response = { kind: 'objection', text: '对开标记录有异议' } as const
  expect(await answerRecord(own.ports, own.locks, { ...request, response, questions }, {})).toMatchObject({
    ...{ sent: true, objected: true, failure: null },
  })
})
