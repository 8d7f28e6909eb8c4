import { expect, test } from 'vitest'
import { displayWidth } from '../../../main/cli/wording.ts'
import { hanging } from '../../../main/cli/wrap.ts'

test('lines begin under the text and never run over the width', () => {
  const text = '驱动是 32 位 Windows（x86）的，本程序是 64 位 Linux（x86-64）的，装不进来。'.repeat(3)
  const lines = hanging('  ✗ 问题    驱动位数     ', text, 60)
  expect(lines.length).toBeGreaterThan(3)
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(60)
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {25}\S/)
  expect(lines.map(line => line.slice(line === lines[0] ? 21 : 25)).join('')).toContain('64 位 Linux')
})

test('no line begins with what closes a phrase or ends with what opens one', () => {
  for (let width = 20; width < 60; width += 1) {
    const lines = hanging('- ', '请用 --trust 指定 CA 根证书（见说明，第 3 节）再检查一次：必须核对。', width)
    for (const line of lines) {
      expect(line.trim()).not.toMatch(/^[，。；：）]/)
      expect(line).not.toMatch(/[（「]$/)
    }
  }
})

test('words stay whole, and one that is too long stands as it is', () => {
  expect(hanging('a ', 'bb cc dd', 7)).toEqual(['a bb cc', '  dd'])
  expect(hanging('', '1.2.156.10260.4.1.4 and more', 10)).toEqual(['1.2.156.10260.4.1.4', 'and more'])
  expect(hanging('x ', '')).toEqual(['x'])
})
