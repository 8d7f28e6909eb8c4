import { expect, test } from 'vitest'
import { serverClock } from '../../../renderer/stores/server-clock.ts'
import { remainingOf, speedOf, stageTimes } from '../../../renderer/stores/stage-times.ts'
import { job } from '../sample-views.ts'

const at = (milliseconds: number): string => new Date(milliseconds).toISOString()

test("the server's clock lies between the question and the answer", () => {
  const clock = serverClock(null, { serverTime: at(1_000_000), asked: 100, answered: 300 })
  expect(clock).toEqual({ offset: 1_000_000 - 200, uncertainty: 600 })
})

test('a sharper answer replaces a duller one, a duller one does not', () => {
  const dull = serverClock(null, { serverTime: at(1_000_000), asked: 0, answered: 1000 })
  const sharp = serverClock(dull, { serverTime: at(1_002_000), asked: 2000, answered: 2020 })
  expect(sharp.uncertainty).toBe(510)
  expect(serverClock(sharp, { serverTime: at(1_004_300), asked: 4000, answered: 4800 })).toBe(sharp)
})

test('a server whose clock was set is believed at once', () => {
  const known = serverClock(null, { serverTime: at(1_000_000), asked: 0, answered: 10 })
  const moved = serverClock(known, { serverTime: at(9_000_000), asked: 1000, answered: 1400 })
  expect(moved.offset).toBe(9_000_000 - 1200)
})

test('a job is remembered stage by stage with the time each took', () => {
  const first = stageTimes([], { ...job, stage: 'digest', done: 0, total: 10 }, 1000)
  const second = stageTimes(first, { ...job, stage: 'digest', done: 10, total: 10 }, 1500)
  const third = stageTimes(second, { ...job, stage: 'seal', done: 2, total: 20 }, 1600)
  const ended = stageTimes(third, { ...job, state: 'done' }, 2600)
  expect(ended).toEqual([
    { stage: 'digest', startedAt: 1000, movedAt: 1600, startedWith: 0, done: 10, total: 10 },
    { stage: 'seal', startedAt: 1600, movedAt: 2600, startedWith: 2, done: 2, total: 20 },
  ])
})

test('a resumed upload counts its speed from where it went on', () => {
  const stage = { stage: 'upload', startedAt: 0, movedAt: 2000, startedWith: 500, done: 700, total: 1000 }
  expect(speedOf(stage)).toBe(100)
  expect(remainingOf(stage)).toBe(3000)
})

test('no speed is said before there is one', () => {
  const stage = { stage: 'upload', startedAt: 0, movedAt: 100, startedWith: 0, done: 700, total: 1000 }
  expect(speedOf(stage)).toBeNull()
  expect(remainingOf({ ...stage, movedAt: 5000, done: 0 })).toBeNull()
})
