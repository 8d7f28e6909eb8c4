import { afterEach, beforeEach, expect, test } from 'vitest'
import { attendOpening, submitBid, withdrawBid } from '../../../../main/services/index.ts'
import type { Locks } from '../../../../main/services/index.ts'
import { type BidderHome, bidderHome, yes } from '../../../fixtures/bidder-home.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import {
  type Bench,
  publishTender,
  sealFor,
  startBench,
  type TestBid,
  untilOpening,
} from '../../../fixtures/practice-platform.ts'

let bench: Bench
let bid: TestBid
let own: BidderHome
let asked: number

beforeEach(async () => {
  asked = 0
  bench = await startBench()
  bid = await sealFor(bench, (await publishTender(bench)).tender)
  own = bidderHome(bench, 'home')
})

afterEach(async () => {
  await bench.close()
})

/** Another company's lock in the same home; whoever needs its PIN is counted and gets nothing. */
function rivalLocks(): Locks {
  const { locks } = bidderHome(bench, 'home', { bidder: practiceCa().rival })
  const ask = (): Promise<never> => {
    asked += 1
    return Promise.reject(new Error('the PIN was asked for'))
  }
  return { ...locks, signer: ask, opener: ask }
}

const { bidder, rival } = practiceCa()
const otherCompany = {
  code: 'token.wrong-lock',
  failure: {
    wrongLock: {
      needed: [{ subject: bidder.name, creditCode: bidder.creditCode }],
      plugged: [{ label: rival.name, creditCode: rival.creditCode }],
    },
  },
}
const open = (locks: Locks) =>
  attendOpening(
    own.ports,
    locks,
    { ...own.request, bid: bid.bid.header.sealId, follow: true, confirm: true, questions: yes },
    {},
  )

test('another company’s lock neither delivers nor withdraws, and its PIN is not asked for', async () => {
  const submit = (locks: Locks) => submitBid(own.ports, locks, { ...own.request, file: bid.path }, {})
  await expect(submit(rivalLocks())).rejects.toMatchObject(otherCompany)
  await submit(own.locks)
  const { sealId } = bid.bid.header
  await expect(withdrawBid(own.ports, rivalLocks(), { ...own.request, sealId }, {})).rejects.toMatchObject(otherCompany)
  expect(asked).toBe(0)
})

test('at the opening a lock the bid was not sealed to is told before its PIN, and signs nothing', async () => {
  await submitBid(own.ports, own.locks, { ...own.request, file: bid.path }, {})
  await bench.advance(untilOpening)
  await expect(open(rivalLocks())).rejects.toMatchObject({
    code: 'token.wrong-lock',
    failure: {
      wrongLock: {
        needed: [{ serial: expect.stringMatching(/^[0-9a-f]+$/), notAfter: expect.any(String) }],
        plugged: [{ label: rival.name }],
      },
    },
  })
  expect(asked).toBe(0)
  expect((await own.ports.journal.entries()).map(({ kind }) => kind)).not.toContain('signed-in')
  // With the right lock it goes on as if nothing had been.
  expect((await open(own.locks)).record?.own.state).toBe('opened')
})
