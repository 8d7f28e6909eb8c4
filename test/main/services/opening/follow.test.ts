import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppFailure } from '../../../../main/contract/failure.ts'
import type { OpeningEvent, Platform } from '../../../../main/platform/index.ts'
import { attendOpening, watchOpening } from '../../../../main/services/index.ts'
import type { OpeningNews, Readiness } from '../../../../main/services/index.ts'
import { followOpening, type FollowPace } from '../../../../main/services/opening/follow.ts'
import { agree, makeNotice, type OpeningDesk, openingDesk, openingId } from '../../../fixtures/fake-opening.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { codeOf } from '../../../fixtures/practice-platform.ts'

let desk: OpeningDesk

beforeEach(async () => {
  desk = await openingDesk()
})

afterEach(() => {
  desk.close()
})

const minute = 60_000
const pace: FollowPace = { silence: 30, asking: { tries: 1, firstWait: 10, longestWait: 20 }, streamAgain: 3 }
const status = (released: number): OpeningEvent['status'] => ({
  ...{ state: 'open', openingTime: new Date(0), closesAt: new Date(1), released, bids: 3 },
})
const event = (id: string, released: number, recorded = false): OpeningEvent => ({
  ...{ id, status: status(released), ahead: null, recorded },
})
const gone = (): AppFailure => new AppFailure('platform.unreachable', 'cut')

/** A platform whose streams are given one after the other; each tells behind which event it was asked for. */
function streams(given: readonly (() => AsyncGenerator<OpeningEvent>)[], change: Partial<Platform> = {}) {
  const afters: (string | undefined)[] = []
  const left = [...given]
  const platform: Platform = Object.assign(Object.create(desk.platform) as Platform, {
    events(_id: string, { after }: { after?: string }) {
      afters.push(after)
      return (left.shift() ?? refused)()
    },
    opening: () => Promise.resolve(status(0)),
    record: () => Promise.resolve(null),
    ...change,
  })
  return { platform, afters }
}

async function* refused(): AsyncGenerator<OpeningEvent> {
  await Promise.reject(new AppFailure('platform.refused', 'no streams'))
  yield event('', 0)
}

async function* hung(): AsyncGenerator<OpeningEvent> {
  yield event('1', 0)
  await new Promise(() => undefined)
}

const gather = async (platform: Platform, signal?: AbortSignal): Promise<readonly number[]> => {
  const told: number[] = []
  for await (const { status: now } of followOpening(platform, openingId, { sealDigest: '', pace, signal })) {
    told.push(now.released)
  }
  return told
}

test('a stream that breaks is resumed behind its last event, and nothing is told twice', async () => {
  const { platform, afters } = streams(
    [
      async function* () {
        yield event('a', 1)
        yield event('b', 2)
        await Promise.reject(gone())
      },
      async function* () {
        yield event('b', 2)
        yield event('c', 3, true)
      },
    ],
    { opening: () => Promise.resolve(status(2)) },
  )
  expect(await gather(platform)).toEqual([1, 2, 3])
  expect(afters).toEqual([undefined, 'b'])
})

test('where the platform gives no stream it is asked, and a stream is tried again now and then', async () => {
  let asked = 0
  const { platform, afters } = streams(
    [
      refused,
      async function* () {
        yield event('z', 9, true)
      },
    ],
    { opening: () => Promise.resolve(status(Math.min(2, asked++))) },
  )
  expect(await gather(platform)).toEqual([0, 1, 2, 9])
  expect(afters).toHaveLength(2)
  expect(asked).toBeGreaterThanOrEqual(3)
})

test('a stream that has died in silence is found out by a question', async () => {
  let asked = 0
  const { platform, afters } = streams(
    [
      hung,
      async function* () {
        yield event('2', 2, true)
      },
    ],
    { opening: () => Promise.resolve(status(asked++ === 0 ? 0 : 1)) },
  )
  expect(await gather(platform)).toEqual([0, 1, 2])
  expect(afters).toEqual([undefined, '1'])
})

test('the record ends it, also where only questions are answered', async () => {
  const { platform } = streams([], {
    opening: () => Promise.resolve({ ...status(3), state: 'closed' }),
    record: () => Promise.resolve({ bytes: new Uint8Array(), signature: new Uint8Array() }),
  })
  expect(await gather(platform)).toEqual([3])
})

test('ends with cancelled, whatever hangs', async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 80)
  expect(await codeOf(gather(streams([hung]).platform, stop.signal))).toBe('cancelled')
})

test('an opening nobody knows ends it', async () => {
  const unknown = () => Promise.reject(new AppFailure('platform.unknown', 'none'))
  expect(await codeOf(gather(streams([], { opening: unknown }).platform))).toBe('platform.unknown')
})

const toOpening = (milliseconds: number): void => {
  // The desk stands a minute after the opening.
  desk.time.pass(-minute - milliseconds)
}
const openWaiting = (onNews?: (news: OpeningNews) => void, signal?: AbortSignal) =>
  attendOpening(
    desk.ports,
    desk.locks(),
    {
      ...{ ...desk.request, bid: desk.bid.header.sealId, wait: true, follow: true, confirm: true, questions: agree },
      ...{ pace, onNews },
    },
    { signal },
  )

test.each([true, false])('waits for the opening by the platform’s clock (stream: %s), then opens', async stream => {
  toOpening(10 * minute)
  desk.streams = stream
  const left: number[] = []
  const outcome = openWaiting(news => {
    if (news.kind === 'countdown' && news.left !== null) left.push(news.left)
  })
  await wait(150)
  expect([left[0], desk.seen]).toEqual([10 * minute, []])
  desk.time.pass(10 * minute)
  desk.notify()
  expect((await outcome).record?.own.state).toBe('opened')
})

test('this computer’s clock a day ahead does not end the wait', async () => {
  toOpening(minute)
  desk.time.wall += 86_400_000
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 1_500)
  expect(await codeOf(openWaiting(undefined, stop.signal))).toBe('cancelled')
  expect([desk.seen, desk.opened()]).toEqual([[], 0])
})

test('a signed notice moves the opening while it is waited for; another time without one does not', async () => {
  toOpening(minute)
  const news: OpeningNews[] = []
  const stop = new AbortController()
  const outcome = openWaiting(each => void news.push(each), stop.signal)
  await wait(100)
  desk.notices.push(
    await makeNotice(desk.tender, { openingTime: '2026-03-02T09:00:00Z' }, practiceCa().rival.sign.signer()),
  )
  desk.notify()
  await wait(1_200)
  expect(news.some(({ kind }) => kind === 'unsigned-time')).toBe(true)
  expect(news.some(({ kind }) => kind === 'postponed')).toBe(false)
  desk.notices.pop()
  desk.notices.push(await makeNotice(desk.tender, { openingTime: '2026-03-02T09:10:00Z' }))
  desk.notify()
  await wait(1_200)
  expect(news.find(({ kind }) => kind === 'postponed')).toMatchObject({ openingTime: new Date('2026-03-02T09:10:00Z') })
  stop.abort()
  expect(await codeOf(outcome)).toBe('cancelled')
})

test('watching tests readiness once half an hour before, without a key or a PIN, and ends at the opening', async () => {
  toOpening(31 * minute)
  const found: Readiness[] = []
  const watched = watchOpening(
    desk.ports,
    () => Promise.resolve(desk.locks()),
    { ...desk.request, bid: desk.bid.header.sealId, pace, onReadiness: each => void found.push(each) },
    {},
  )
  await wait(200)
  expect(found).toEqual([])
  desk.time.pass(2 * minute)
  await wait(1_300)
  expect(found.map(({ ready }) => ready)).toEqual([true])
  desk.time.pass(30 * minute)
  const { status: now, readiness } = await watched
  expect([now.state, readiness?.ready, found.length]).toEqual(['open', true, 1])
  expect([desk.seen, desk.opened()]).toEqual([[], 0])
})
