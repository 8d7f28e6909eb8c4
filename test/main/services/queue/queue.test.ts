import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppFailure } from '../../../../main/contract/failure.ts'
import type { FailureCode } from '../../../../main/contract/failure.ts'
import type { Platform } from '../../../../main/platform/index.ts'
import { fetchNotices } from '../../../../main/services/tenders/notices.ts'
import { addToQueue, queuedBids, removeFromQueue, runQueue } from '../../../../main/services/index.ts'
import type { Locks, QueueOutcome, RunQueueRequest, SubmissionState } from '../../../../main/services/index.ts'
import { type BidderHome, bidderHome } from '../../../fixtures/bidder-home.ts'
import {
  type Bench,
  codeOf,
  publishTender,
  sealFor,
  startBenchWithBid,
  type TestBid,
} from '../../../fixtures/practice-platform.ts'
import { through } from '../../../fixtures/through-platform.ts'

const minute = 60_000

let bench: Bench
let bid: TestBid
let own: BidderHome
let states: SubmissionState[]
let missing: FailureCode[]

beforeEach(async () => {
  ;({ bench, bid } = await startBenchWithBid())
  own = bidderHome(bench, 'home')
  states = []
  missing = []
})

afterEach(async () => {
  await bench.close()
})

const add = ({ path } = bid, token = own.request.token) =>
  addToQueue(own.ports, { file: path, platformUrl: bench.url, token })
const run = (home = own, changes: Partial<RunQueueRequest> = {}, signal?: AbortSignal) =>
  runQueue(
    home.ports,
    {
      trust: home.request.trust,
      openLocks: () => home.locks,
      patience: { tries: 9, firstWait: 5, longestWait: 5 },
      ...changes,
    },
    {
      signal,
      onState: (_bid, { state }) => states.push(state),
      onMissingLock: (_token, { code }) => missing.push(code),
    },
  )
/** No network for the first acts of a platform. */
const awayFor = (times: number, code: FailureCode = 'platform.unreachable') => {
  let left = times
  return through(own, real => ({
    tenders: () => (left-- > 0 ? Promise.reject(new AppFailure(code, 'not now')) : real.tenders()),
  }))
}
const ends = (outcomes: readonly QueueOutcome[]) =>
  outcomes.map(outcome => ('failure' in outcome ? outcome.failure.code : outcome.submitted.receipt.sealId))

test('an entry says where things are, holds no PIN, and is there after a restart', async () => {
  const queued = await add()
  const { bids, damaged } = await queuedBids(bidderHome(bench, 'home').ports)
  expect({ bids: bids.map(({ sealId }) => sealId), damaged }).toEqual({ bids: [queued.sealId], damaged: [] })
  const path = join(own.ports.home.root, 'queue', `${queued.sealId}.json`)
  expect(Object.keys(JSON.parse(await readFile(path, 'utf8')) as object).sort()).toEqual(
    [
      ...['type', 'sealId', 'sealDigest', 'shortCode', 'packageDigest'],
      ...['platformId', 'tenderId', 'lotId', 'creditCode'],
      ...['file', 'platform', 'token', 'addedAt', 'until'],
    ].sort(),
  )
  const other = '0f8fad5b-d9cb-469f-a165-70867728950e'
  await writeFile(join(own.ports.home.root, 'queue', `${other}.json`), '{"type":"bidseal/1 queued"')
  expect(await queuedBids(own.ports)).toMatchObject({ bids: [{ sealId: queued.sealId }], damaged: [other] })
  expect([await removeFromQueue(own.ports, other), await removeFromQueue(own.ports, other)]).toEqual([true, false])
})

test('waits for the network as long as it takes, then delivers and is empty', async () => {
  await add()
  expect(ends(await run(awayFor(3)))).toEqual([bid.bid.header.sealId])
  expect(states.filter(state => state === 'waiting-for-network')).toHaveLength(3)
  expect(states.at(-1)).toBe('received')
  expect(await queuedBids(own.ports)).toEqual({ bids: [], damaged: [] })
  expect(await run()).toEqual([])
})

test.each([
  ['bid.busy', 'waiting-for-turn'],
  ['platform.awaiting', 'waiting-for-answer'],
] as const)('%s is waited for under its own name', async (code, state) => {
  await add()
  expect(ends(await run(awayFor(1, code)))).toEqual([bid.bid.header.sealId])
  expect(states).toContain(state)
  expect(states).not.toContain('waiting-for-network')
})

test('the earliest deadline goes first', async () => {
  const at = (minutes: number) => new Date(bench.clock.now().getTime() + minutes * minute).toISOString()
  const soon = await publishTender(bench, { tenderId: 'YN-SOON', deadline: at(20), openingTime: at(30) })
  await add()
  const first = await sealFor(bench, soon.tender)
  await add(first)
  expect(ends(await run())).toEqual([first.bid.header.sealId, bid.bid.header.sealId])
})

test('a lock that is not there is told at the start, even without a network, and waited for', async () => {
  await add()
  let opened = 0
  const absent = (): Locks => {
    opened += 1
    const gone = (): Promise<never> => Promise.reject(new AppFailure('token.absent', 'not plugged in'))
    return opened < 4 ? { ...own.locks, key: gone, signer: gone } : own.locks
  }
  expect(ends(await run(awayFor(1), { openLocks: absent }))).toEqual([bid.bid.header.sealId])
  expect(missing).toEqual(['token.absent', 'token.absent'])
  expect(states).toContain('waiting-for-lock')
})

test('a PIN that is refused is never tried again, whatever else waits for that lock', async () => {
  const other = await publishTender(bench, { tenderId: 'YN-2' })
  await add()
  await add(await sealFor(bench, other.tender))
  let logins = 0
  const signer = (): Promise<never> => {
    logins += 1
    return Promise.reject(new AppFailure('token.pin-incorrect', 'the PIN is wrong'))
  }
  expect(ends(await run(own, { openLocks: () => ({ ...own.locks, signer }) }))).toEqual([
    'token.pin-incorrect',
    'token.pin-incorrect',
  ])
  expect(logins).toBe(1)
  expect((await queuedBids(own.ports)).bids.map(({ last }) => last?.code)).toEqual([
    'token.pin-incorrect',
    'token.pin-incorrect',
  ])
})

test('what the platform refuses stays with its words, holds up nobody, and goes out with the next run', async () => {
  const other = await sealFor(bench, (await publishTender(bench, { tenderId: 'YN-2' })).tender)
  const says = '本标段暂停接收投标文件'
  await add()
  await add(other)
  await bench.admin.script({ refuse: [{ route: 'beginSubmission', times: 1, code: 'platform.refused', says }] })
  expect(ends(await run())).toEqual(['platform.refused', other.bid.header.sealId])
  expect((await queuedBids(own.ports)).bids).toMatchObject([{ last: { code: 'platform.refused', platformSays: says } }])
  expect(ends(await run())).toEqual([bid.bid.header.sealId])
})

test('stopped in the midst of an upload it goes on where it was, with one receipt', async () => {
  await add()
  const stop = new AbortController()
  const stopping = through(own, real => ({
    async sendPart(part, source, control) {
      await real.sendPart(part, source, control)
      stop.abort()
    },
  }))
  await expect(run(stopping, {}, stop.signal)).rejects.toMatchObject({ code: 'cancelled' })
  expect(states.at(-1)).toBe('paused')
  expect((await queuedBids(own.ports)).bids).toHaveLength(1)
  expect(await readdir(join(own.ports.home.root, 'queue'))).toHaveLength(1)
  const offsets: number[] = []
  const watched = through(own, (real: Platform) => ({
    sendPart(part, source, control) {
      offsets.push(part.offset)
      return real.sendPart(part, source, control)
    },
  }))
  expect(ends(await run(watched))).toEqual([bid.bid.header.sealId])
  expect(offsets[0]).toBe(bid.bid.header.parts[0]?.sealedSize)
})

test('a file that is gone ends its turn and nobody else’s', async () => {
  const other = await sealFor(bench, (await publishTender(bench, { tenderId: 'YN-2' })).tender)
  await add()
  await add(other)
  await rm(bid.path)
  expect(ends(await run()).sort()).toEqual([other.bid.header.sealId, 'input.unreadable'].sort())
})

test('what is taken out of the queue while another one is sent is not begun, and does not come back', async () => {
  const other = await sealFor(bench, (await publishTender(bench, { tenderId: 'YN-2' })).tender)
  await add()
  await add(other)
  const removing = through(own, real => ({
    async completeSubmission(id) {
      await removeFromQueue(own.ports, other.bid.header.sealId)
      return real.completeSubmission(id)
    },
  }))
  expect(ends(await run(removing))).toEqual([bid.bid.header.sealId])
  expect(await own.ports.deliveries.get(other.bid.header.sealId)).toBeNull()

  const late = await publishTender(bench, { tenderId: 'YN-3' })
  const third = await sealFor(bench, late.tender)
  await add(third)
  const longer = (minutes: number) => new Date(Date.parse(late.tender.fields.deadline) + minutes * minute)
  let sends = 0
  const losing = through(own, () => ({
    async sendPart() {
      sends += 1
      const [deadline, openingTime] = [longer(60), longer(90)]
      await bench.admin.extend({ packageDigest: late.tender.packageDigest, deadline, openingTime })
      await removeFromQueue(own.ports, third.bid.header.sealId)
      // The notice is read here by another command meanwhile.
      await fetchNotices(own.ports, own.ports.platformAt(bench.url), late.tender)
      throw new AppFailure('platform.unreachable', 'no network')
    },
  }))
  expect(await run(losing)).toEqual([])
  expect(sends).toBe(1)
  expect(await queuedBids(own.ports)).toEqual({ bids: [], damaged: [] })
})

test('one bid of a bidder waits for a lot, and another one only in its place', async () => {
  const { tender } = bid
  await add()
  await add()
  const next = await sealFor(bench, tender)
  expect(await codeOf(add(next))).toBe('output.exists')
  const request = { file: next.path, platformUrl: bench.url, token: own.request.token, replace: true }
  const { sealId } = await addToQueue(own.ports, request)
  expect((await queuedBids(own.ports)).bids.map(each => each.sealId)).toEqual([sealId])
})

test('while others wait a network is tried shortly, and who is too late by the platform’s time goes last', async () => {
  const at = (minutes: number) => new Date(bench.clock.now().getTime() + minutes * minute).toISOString()
  const soon = await sealFor(
    bench,
    (await publishTender(bench, { tenderId: 'YN-SOON', deadline: at(20), openingTime: at(30) })).tender,
  )
  await add()
  await add(soon)
  const network = { advanced: false, timeKnown: false, back: false }
  const down = through(own, real => ({
    nonce: () => (network.back ? real.nonce() : Promise.reject(new AppFailure('platform.unreachable', 'no network'))),
    async notices(digest) {
      if (!network.advanced && digest === bid.tender.packageDigest) {
        network.advanced = true
        await bench.advance(25 * minute)
      }
      return real.notices(digest)
    },
  }))
  const patience: (number | undefined)[] = []
  const platformAt: typeof own.ports.platformAt = (url, signal, policy) => {
    patience.push(policy?.tries)
    return down.ports.platformAt(url, signal)
  }
  const outcomes = await runQueue(
    { ...down.ports, platformAt },
    {
      ...{ trust: own.request.trust, openLocks: () => own.locks },
      patience: { tries: 9, firstWait: 5, longestWait: 5 },
    },
    {
      signal: undefined,
      // The network comes back after a round at whose end the platform's time is known for the one that is too late.
      onState({ sealId }, { state, serverOffsetMs }) {
        if (state !== 'waiting-for-network' || !network.advanced) return
        if (sealId !== soon.bid.header.sealId) network.back = network.timeKnown
        else network.timeKnown = serverOffsetMs !== undefined
      },
    },
  )
  expect(ends(outcomes)).toEqual([bid.bid.header.sealId, 'platform.late'])
  // Alone at last, the one that is left has all the patience there is.
  expect(new Set(patience.slice(0, -1))).toEqual(new Set([2]))
  expect(patience.at(-1)).toBeUndefined()
})
