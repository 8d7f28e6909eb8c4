import { expect, test } from 'vitest'
import { failures } from '../../../main/contract/failure.ts'
import { railItems, railTools } from '../../../renderer/screens/frame/standing.ts'
import { placeTitle } from '../../../renderer/screens/documents/place-title.ts'
import { runningStage, stageLines } from '../../../renderer/screens/shared/job-lines.ts'
import { lasting, lastsUntil, offeredLock } from '../../../renderer/screens/shared/lock-choice.ts'
import { whileAsked, whyNoRecord } from '../../../renderer/screens/record/missing-record.ts'
import { nextStepAfter, nextSteps } from '../../../renderer/screens/shared/next-step.ts'
import type { SeenJob } from '../../../renderer/stores/jobs.ts'
import {
  backupLock,
  emptyBid,
  fullBid,
  ids,
  job,
  lock,
  modules,
  openedBid,
  openingView,
  sealedBid,
  submittedBid,
  tender,
} from '../sample-views.ts'

const seen = (stages: readonly string[], change: Partial<SeenJob['job']> = {}): SeenJob => ({
  job: { ...job, ...change },
  about: null,
  stages: stages.map((stage, index) => ({
    ...{ stage, startedAt: index * 100, movedAt: index * 100 + 100 },
    ...{ startedWith: 0, done: 5, total: 10 },
  })),
})
const states = (given: SeenJob): readonly string[] => stageLines(given).map(({ name, state }) => `${name} ${state}`)

test('every failure has its next step', () => {
  expect(Object.keys(nextSteps).sort()).toEqual(Object.keys(failures).sort())
})

test('after a release nobody is sent to seal anew', () => {
  expect(nextStepAfter('seal.key-mismatch', undefined)).toBe('seal')
  expect(nextStepAfter('seal.key-mismatch', { kind: 'release', keyMayBeOut: false })).toBe('retry')
  expect(nextStepAfter('seal.key-mismatch', { kind: 'release', keyMayBeOut: true })).toBeNull()
})

test('why there is no record is said by where the opening stands', () => {
  const at = (state: 'waiting' | 'open' | 'closed') => ({ ...openingView, state })
  const released = { ...submittedBid, state: 'released', releasedAt: submittedBid.sealedAt } as const
  expect(whyNoRecord(sealedBid, null)).toBe('not-submitted')
  expect(whyNoRecord({ ...submittedBid, state: 'withdrawn' }, at('closed'))).toBe('over')
  expect(whyNoRecord(submittedBid, null)).toBe('unknown')
  expect(whyNoRecord(submittedBid, at('waiting'))).toBe('waiting')
  expect(whyNoRecord(submittedBid, at('open'))).toBe('open-not-released')
  expect(whyNoRecord(submittedBid, at('closed'))).toBe('closed-not-released')
  expect(whyNoRecord(released, at('open'))).toBe('open')
  expect(whyNoRecord(released, at('closed'))).toBe('closed')
  expect(whileAsked(submittedBid)).toBe(ids.seal)
  expect(whileAsked(sealedBid)).toBeNull()
  expect(whileAsked(openedBid)).toBeNull()
})

test('sealing is shown as sign, encrypt, trial decryption and writing', () => {
  expect(states(seen([]))).toEqual(['sign running', 'encrypt waiting', 'trial waiting', 'write waiting'])
  expect(states(seen(['digest', 'seal']))).toEqual(['sign done', 'encrypt running', 'trial waiting', 'write waiting'])
  expect(states(seen(['digest', 'seal', 'trial'], { state: 'failed' }))).toEqual([
    ...['sign done', 'encrypt done', 'trial failed', 'write waiting'],
  ])
  expect(states(seen(['digest', 'seal', 'trial'], { state: 'done' }))).toEqual([
    ...['sign done', 'encrypt done', 'trial done', 'write done'],
  ])
})

test('of an opening what has been reached is done', () => {
  const release = { kind: 'release' } as const
  expect(states(seen([], release))).toEqual(['challenge running', 'release waiting', 'record waiting'])
  expect(states(seen(['signed-in'], release))).toEqual(['challenge done', 'release running', 'record waiting'])
  expect(states(seen(['signed-in', 'released'], release))).toEqual(['challenge done', 'release done', 'record running'])
})

test('a stage keeps its bytes and its time; a rehearsal has none', () => {
  expect(stageLines(seen(['digest', 'seal']))[1]).toMatchObject({ bytes: { done: 5, total: 10 }, took: 100 })
  expect(stageLines(seen([], { kind: 'rehearsal' }))).toEqual([])
  expect(runningStage(seen(['seal']))?.stage).toBe('seal')
  expect(runningStage(seen(['seal'], { state: 'done' }))).toBeNull()
})

test('the lock that was chosen is offered, else one the bid was sealed to, else any', () => {
  const locks = [lock, backupLock]
  expect(offeredLock(locks, ids.backup)).toBe(backupLock)
  expect(offeredLock(locks, null, [backupLock.label])).toBe(backupLock)
  expect(offeredLock(locks, null, ['gone'])).toBe(lock)
  expect(offeredLock([], null)).toBeNull()
})

test('a certificate is measured by the opening', () => {
  const openingTime = '2026-12-01T00:00:00Z'
  expect(lasting('2026-11-30T00:00:00Z', openingTime)).toBe('not-to-opening')
  expect(lasting('2026-12-01T00:00:00Z', openingTime)).toBe('not-to-opening')
  expect(lasting('2026-12-20T00:00:00Z', openingTime)).toBe('soon-after-opening')
  expect(lasting('2027-12-20T00:00:00Z', openingTime)).toBe('long')
  expect(lastsUntil(lock, 'decrypt')).toBe(lock.certificates[1]?.notAfter)
  expect(lastsUntil({ ...lock, certificates: [] }, 'sign')).toBeNull()
})

test('a finding names the document, the form and the field as people call them', () => {
  expect(placeTitle(tender, 'letter', ', ')).toBe('投标函及投标函附录')
  expect(placeTitle(tender, 'opening', ', ')).toBe('开标一览表')
  expect(placeTitle(tender, 'opening/days', ', ')).toBe('开标一览表, 工期（日历天）')
  expect(placeTitle(tender, '旧文件.pdf', ', ')).toBe('旧文件.pdf')
})

test('the rail says where the bid stands, and green is only what was proved', () => {
  const text = (key: string): string => key
  const nothing = { tender: null, bid: null, sealedBid: null, delivered: null, modules: null }
  const marks = (standing: Partial<typeof nothing> | object): readonly string[] =>
    railItems({ ...nothing, ...standing }, text).map(({ mark }) => mark)
  expect(marks({})).toEqual(['none', 'none', 'none', 'none', 'none', 'none'])
  expect(marks({ tender, bid: emptyBid })).toEqual(['proved', 'todo', 'none', 'none', 'none', 'none'])
  expect(marks({ tender, bid: fullBid, sealedBid })).toEqual(['proved', 'done', 'proved', 'none', 'none', 'none'])
  expect(marks({ tender, bid: fullBid, sealedBid: submittedBid, delivered: submittedBid })).toEqual([
    ...['proved', 'done', 'proved', 'proved', 'todo', 'none'],
  ])
  expect(marks({ tender, bid: fullBid, sealedBid: openedBid, delivered: openedBid })).toEqual([
    ...['proved', 'done', 'proved', 'proved', 'done', 'proved'],
  ])
  const newer = { ...sealedBid, sealedAt: submittedBid.sealedAt }
  expect(marks({ tender, bid: fullBid, sealedBid: newer, delivered: submittedBid })[3]).toBe('todo')
  const changed = { ...fullBid, sealed: ids.seal, sealedIsCurrent: false }
  expect(marks({ tender, bid: changed, sealedBid })[2]).toBe('todo')
  expect(marks({ tender, bid: { ...changed, sealedIsCurrent: true }, sealedBid })[2]).toBe('proved')
  expect(railTools({ ...nothing, modules }, text)[0]?.status).toBe('common.status.locks')
  expect(railTools({ ...nothing, modules: [] }, text)[0]?.status).toBe('common.status.noLock')
})
