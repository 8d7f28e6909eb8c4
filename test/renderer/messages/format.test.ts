import { expect, test } from 'vitest'
import { countdown, dayOf, duration, grouped, moment, nameOf, size } from '../../../renderer/messages/format.ts'

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.00 KiB'],
  [50_831_360, '48.5 MiB'],
  [9 * 2 ** 30, '9.00 GiB'],
])('%i bytes are written %s', (bytes, text) => {
  expect(size(bytes)).toBe(text)
})

test('a countdown ends at nought and not before', () => {
  expect(countdown(1, 'zh-CN')).toBe('00:00:01')
  expect(countdown(0, 'zh-CN')).toBe('00:00:00')
  expect(countdown(-5000, 'en')).toBe('00:00:00')
  expect(countdown(3_600_000 + 61_000, 'en')).toBe('01:01:01')
  expect(countdown(2 * 86_400_000 + 1000, 'zh-CN')).toBe('2 天 00:00:01')
  expect(countdown(86_400_000, 'en')).toBe('1 day 00:00:00')
})

test('spans are said in the unit that fits', () => {
  expect(duration(600, 'en')).toBe('0.6 s')
  expect(duration(-3, 'en')).toBe('0.0 s')
  expect(duration(45_000, 'zh-CN')).toBe('45 秒')
  expect(duration(30 * 60_000, 'zh-CN')).toBe('30 分钟')
  expect(duration(3 * 3_600_000 + 60_000, 'en')).toBe('3 h 1 min')
})

test('moments are local and name their zone; what is no moment is shown as it is', () => {
  expect(moment('2026-11-24T01:02:03.456Z')).toMatch(/^2026-11-2[34] \d\d:\d\d:03 \(UTC[+−]\d{1,2}(:\d\d)?\)$/)
  expect(moment('')).toBe('')
  expect(dayOf('no day')).toBe('no day')
})

test('digests and codes stand in groups of four', () => {
  expect(grouped('7K3QX9MD')).toBe('7K3Q X9MD')
  expect(grouped('abcdef')).toBe('abcd ef')
  expect(grouped('')).toBe('')
})

test('a holder is named by the common name', () => {
  expect(nameOf('C=CN,O=云岭集团,CN=云岭建设集团有限公司')).toBe('云岭建设集团有限公司')
  expect(nameOf('CN=A\\, B,C=CN')).toBe('A, B')
  expect(nameOf('O=only')).toBe('O=only')
})
