import { expect, test } from 'vitest'
import type { Progress } from '../../../crypto/index.ts'
import { takeEnvironmentPins } from '../../../main/cli/pins.ts'
import { progressLine } from '../../../main/cli/progress-line.ts'
import { cell, displayWidth, duration, grouped, plain, size } from '../../../main/cli/wording.ts'

test('sizes and times are written for people', () => {
  expect([0, 1023, 1024, 340_992, 600_331_776, 2 ** 33].map(size)).toEqual([
    '0 B',
    '1023 B',
    '1.00 KiB',
    '333 KiB',
    '573 MiB',
    '8.00 GiB',
  ])
  expect([5, 1500, 45_000, 200_000, 7_500_000].map(each => duration(each, 'en'))).toEqual([
    '5 ms',
    '1.5 s',
    '45 s',
    '3 min',
    '2 h 5 min',
  ])
  expect(duration(200_000, 'zh')).toBe('3 分钟')
})

test('columns count Chinese characters twice', () => {
  expect(displayWidth('主锁 A')).toBe(6)
  expect(cell('主锁', 6)).toBe('主锁  ')
  expect(grouped('abcdef0123')).toBe('abcd ef01 23')
})

test('what comes from outside cannot steer the terminal', () => {
  expect(plain('滨河路\u001b[2J\r\n\u202e一标段')).toBe('滨河路\ufffd[2J\ufffd\ufffd\ufffd一标段')
})

test('PINs leave the environment before any child can see them', () => {
  const environment: Record<string, string | undefined> = {
    BIDSEAL_PIN: '1',
    BIDSEAL_PIN_2: '2',
    BIDSEAL_PIN_10: '10',
    BIDSEAL_HOME: '/x',
  }
  const pins = takeEnvironmentPins(environment)
  expect([...pins.entries()].sort(([one], [other]) => one - other)).toEqual([
    [0, '1'],
    [1, '2'],
    [9, '10'],
  ])
  expect(environment).toEqual({ BIDSEAL_HOME: '/x' })
})

test('progress names the stage, bytes, speed and time left, a line every two seconds in a log', () => {
  const { lines, report, advance } = logged(false)
  report({ stage: 'seal', done: 0, total: 100 * 2 ** 20 })
  advance(1000)
  report({ stage: 'seal', done: 10 * 2 ** 20, total: 100 * 2 ** 20 })
  expect(lines).toEqual([])
  advance(1500)
  report({ stage: 'seal', done: 60 * 2 ** 20, total: 100 * 2 ** 20 })
  expect(lines).toEqual(['加密  60 %  60.0 MiB / 100 MiB  24.0 MiB/s  剩余 2 秒\n'])
})

test('progress moves on one line of a terminal and takes itself away', () => {
  const { lines, report, advance, clear } = logged(true)
  advance(500)
  report({ stage: 'verify', done: 1, total: 2 })
  clear()
  expect(lines).toEqual(['核验  50 %  1 B / 2 B', '\r\u001b[K'])
})

function logged(isTTY: boolean) {
  const lines: string[] = []
  let now = 0
  const stream = { isTTY, write: (text: string) => lines.push(text) } as unknown as NodeJS.WriteStream
  const line = progressLine(stream, 'zh', () => now)
  return {
    lines,
    report: (progress: Progress) => {
      line.report(progress)
    },
    clear: () => {
      line.clear()
    },
    advance: (milliseconds: number) => {
      now += milliseconds
    },
  }
}
