import { expect, test } from 'vitest'
import { failures, type FailureCode } from '../../../main/contract/failure.ts'
import type { JobKind } from '../../../main/contract/views.ts'
import { failureText, failureTexts, situationTexts } from '../../../renderer/messages/failures/index.ts'
import { texts } from '../../../renderer/messages/languages.ts'
import { pinTexts } from '../../../renderer/messages/pin.ts'
import { findingLevels } from '../../../main/services/index.ts'

const languages = ['zh-CN', 'en'] as const
const leaves = (tree: object, path = ''): readonly (readonly [string, string])[] =>
  Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? leaves(value, `${path}${key}.`) : [[`${path}${key}`, String(value)]],
  )
const placesOf = (text: string): readonly string[] =>
  [...text.matchAll(/{{(\w+)}}/g)].map(([, name = '']) => name).sort()

test('both languages have the same texts, with places for the same values', () => {
  const chinese = leaves(texts['zh-CN'])
  const english = new Map(leaves(texts.en))
  expect([...english.keys()].sort()).toEqual(chinese.map(([key]) => key).sort())
  for (const [key, text] of chinese) expect([key, placesOf(english.get(key) ?? '')]).toEqual([key, placesOf(text)])
  expect(chinese.length).toBeGreaterThan(200)
})

test('no text is empty, and every one is in its language', () => {
  for (const [key, text] of leaves(texts.en)) {
    expect([key, text.trim() !== '', /[\u4e00-\u9fff]/.test(text)]).toEqual([key, true, false])
  }
  for (const [key, text] of leaves(texts['zh-CN'])) expect([key, text.trim() !== '']).toEqual([key, true])
})

test.each(languages)(
  'every failure says what happened, whether the bid is safe and what to do now, in %s',
  language => {
    expect(Object.keys(failureTexts[language]).sort()).toEqual(Object.keys(failures).sort())
    for (const [code, text] of Object.entries(failureTexts[language])) {
      for (const sentence of [text.what, text.safe, text.next]) {
        const own =
          language === 'en' ? !/[\u3000-\u9fff\uff00-\uffef]/.test(sentence) : /[\u4e00-\u9fff]/.test(sentence)
        expect([code, sentence, own, /[.。]$/.test(sentence)]).toEqual([code, sentence, true, true])
      }
    }
  },
)

test.each(languages)('what is said in a situation instead is in its language and whole, in %s', language => {
  for (const text of Object.values(situationTexts[language])) {
    const sentences = Object.values(text)
    expect(sentences.length).toBeGreaterThan(0)
    for (const sentence of sentences) {
      expect([sentence, /[\u4e00-\u9fff]/.test(sentence), /[.。]$/.test(sentence)]).toEqual([
        ...[sentence, language === 'zh-CN', true],
      ])
    }
  }
})

test('a failure is told as it is where it happened', () => {
  const told = (code: FailureCode, kind: JobKind, keyMayBeOut: boolean) =>
    failureText('zh-CN', code, { kind, keyMayBeOut })
  expect(told('platform.late', 'withdraw', false).safe).toContain('递交仍然有效')
  expect(told('platform.late', 'submit', false)).toEqual(failureTexts['zh-CN']['platform.late'])
  expect(told('platform.receipt', 'withdraw', false).safe).toContain('撤回在平台上可能已经生效')
  expect(told('platform.receipt', 'release', true).safe).not.toContain('不能视为已递交')
  expect(told('seal.key-mismatch', 'release', false).next).not.toContain('重新封标')
  for (const code of ['opening.challenge', 'opening.not-confirmed', 'opening.early', 'seal.key-mismatch'] as const) {
    expect(told(code, 'release', true).safe).not.toContain('没有送出')
    expect(told(code, 'release', false).safe).toContain('密钥没有送出')
  }
})

test('every finding of the check before sealing has its words', () => {
  for (const language of languages) {
    expect(Object.keys(texts[language].documents.finding)).toEqual(expect.arrayContaining(Object.keys(findingLevels)))
  }
})

test('the PIN page has all its words in both languages', () => {
  expect(leaves(pinTexts['zh-CN']).map(([key]) => key)).toEqual(leaves(pinTexts.en).map(([key]) => key))
  expect(pinTexts.en.triesLeft(1)).toBe('1 try left')
  expect(pinTexts['zh-CN'].triesLeft(3)).toContain('3')
})
