import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { PinQuestion } from '../../../main/contract/pin.ts'
import { PinPage } from '../../../renderer/components/pin-page.tsx'

const question: PinQuestion = {
  ...{ language: 'zh-CN', lockLabel: '公章锁 财务-03', manufacturer: '云南 CA', serial: '5301', purpose: 'seal' },
  ...{ state: 'ok', triesLeft: 8, wrong: false, lastTry: false, onLock: false },
}
const drawn = (change: Partial<PinQuestion> = {}): string =>
  renderToString(createElement(PinPage, { question: { ...question, ...change }, onAnswer: () => Promise.resolve() }))

test('says which lock, what for and how many tries are left', () => {
  const html = drawn()
  for (const words of ['公章锁 财务-03', '用于封标', '还可输入 8 次']) expect(html).toContain(words)
  expect(html).not.toContain('pin-wrong')
})

test('says that the last PIN was wrong and what another wrong one does', () => {
  const html = drawn({ wrong: true, state: 'last-try', triesLeft: 1, language: 'en' })
  expect(html).toContain('The last PIN was wrong')
  expect(html).toContain('1 try left · another wrong PIN blocks the lock')
})

test('names no serial number where a lock has none', () => {
  expect(drawn()).toContain('云南 CA · 序列号 5301')
  expect(drawn({ serial: '' })).not.toContain('序列号')
})

test('takes no PIN for a lock that is blocked', () => {
  expect(/<input[^>]*>/.exec(drawn({ state: 'locked', triesLeft: 0 }))?.[0]).toContain('disabled')
  expect(/<input[^>]*>/.exec(drawn())?.[0]).not.toContain('disabled')
})

test('before the last try says what is at stake and waits until the user has agreed', () => {
  const button = (html: string): string => /<button type="submit"[^>]*>/.exec(html)?.[0] ?? ''
  const html = drawn({ state: 'last-try', triesLeft: 1, lastTry: true })
  expect(html).toContain('只剩最后一次机会')
  expect(html).toContain('我已核实 PIN 码，知道再错一次锁将被锁死')
  expect(/<input type="checkbox"[^>]*>/.exec(html)?.[0]).not.toContain('checked')
  expect(button(html)).toContain('disabled')
  expect(button(drawn())).not.toContain('disabled')
  expect(drawn()).not.toContain('type="checkbox"')
  expect(drawn({ language: 'en', lastTry: true })).toContain('ONE TRY IS LEFT')
})

test('shows no field where the PIN is typed on the lock', () => {
  const html = drawn({ onLock: true, lastTry: true, state: 'last-try', triesLeft: 1 })
  expect(html).not.toContain('type="password"')
  expect(html).toContain('在锁上输入 PIN 码')
  expect(html).toContain('type="checkbox"')
})

test('has a field that shows and keeps nothing, and no style of its own', () => {
  const html = drawn()
  expect(html).toMatch(/<input[^>]*type="password"/)
  expect(html).toMatch(/<input[^>]*autoComplete="off"/i)
  expect(html).not.toContain('style=')
})
