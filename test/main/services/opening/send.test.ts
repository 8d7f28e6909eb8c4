import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppFailure } from '../../../../main/contract/failure.ts'
import type { OpeningNews } from '../../../../main/services/index.ts'
import { attendOpening } from '../../../../main/services/index.ts'
import { agree, type OpeningDesk, openingDesk } from '../../../fixtures/fake-opening.ts'
import { codeOf } from '../../../fixtures/practice-platform.ts'

let desk: OpeningDesk

beforeEach(async () => {
  desk = await openingDesk()
})

afterEach(() => {
  desk.close()
})

const away = (): AppFailure => new AppFailure('platform.unreachable', 'cut')
const open = (onNews?: (news: OpeningNews) => void, signal?: AbortSignal) =>
  attendOpening(
    desk.ports,
    desk.locks(),
    {
      ...{ ...desk.request, bid: desk.bid.header.sealId, follow: true, confirm: false, questions: agree, onNews },
    },
    { signal },
  )

test('waits in the queue with the same release, shows its place, and ends with the receipt', async () => {
  desk.script.push({ state: 'queued', ahead: 9, retryAfter: 1 }, { state: 'queued', ahead: 2, retryAfter: 1 })
  const places: number[] = []
  await open(news => {
    if (news.kind === 'queued') places.push(news.ahead)
  })
  expect(places).toEqual([9, 2])
  expect(desk.releases).toHaveLength(3)
  expect(new Set(desk.releases).size).toBe(1)
  expect(desk.opened()).toBe(2)
})

test('a lost answer, a cut and a full disk are waited out with the same release', async () => {
  desk.script.push('lost', away(), new AppFailure('platform.storage', 'full'))
  const told: string[] = []
  await open(({ kind }) => {
    if (kind === 'away' || kind === 'back') told.push(kind)
  })
  expect(told).toEqual(['away', 'back'])
  expect(desk.releases).toHaveLength(4)
  expect(new Set(desk.releases).size).toBe(1)
})

test('is patient until the window ends by the platform’s clock, and then says so', async () => {
  desk.script.push(away(), away())
  const fault = open(({ kind }) => {
    if (kind === 'away') desk.time.pass(2 * 3_600_000)
  })
  expect(await codeOf(fault)).toBe('platform.unreachable')
  expect(desk.releases).toHaveLength(2)
})

test('a refusal is not argued with', async () => {
  desk.script.push(new AppFailure('platform.closed', 'too late', { platformSays: '开标已结束' }))
  await expect(open()).rejects.toMatchObject({ code: 'platform.closed', failure: { platformSays: '开标已结束' } })
  expect(desk.releases).toHaveLength(1)
})

test('stopped in the queue, it goes on with the same release and without the lock', async () => {
  desk.script.push({ state: 'queued', ahead: 9, retryAfter: 60_000 })
  const stop = new AbortController()
  const first = open(({ kind }) => {
    if (kind === 'queued') stop.abort()
  }, stop.signal)
  expect(await codeOf(first)).toBe('cancelled')
  expect((await open()).record?.own.state).toBe('opened')
  expect(new Set(desk.releases).size).toBe(1)
  expect(desk.opened()).toBe(2)
})

test('shows that what is stored is what the receipt names before anything is asked of the lock', async () => {
  const news: string[] = []
  await open(each => {
    if (each.kind === 'stored') {
      expect([each.sealDigest, each.header]).toEqual([desk.bid.sealDigest, 'same'])
      expect([desk.seen, desk.opened()]).toEqual([[], 0])
    }
    news.push(each.kind)
  })
  expect(news.slice(0, 2)).toEqual(['stored', 'challenged'])
})

test('a platform that shows no stored header is told apart', async () => {
  desk.hostile.header = () => Promise.reject(new AppFailure('platform.unknown', 'none'))
  const shown: string[] = []
  await open(each => {
    if (each.kind === 'stored') shown.push(each.header)
  })
  expect(shown).toEqual(['not-shown'])
})
