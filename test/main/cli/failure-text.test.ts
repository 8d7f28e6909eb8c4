import { expect, test } from 'vitest'
import { failures } from '../../../main/contract/failure.ts'
import type { FailureCode } from '../../../main/contract/failure.ts'
import { failureText } from '../../../main/cli/failure-text/index.ts'
import { chooseLanguage } from '../../../main/cli/language.ts'

const codes = Object.keys(failures) as FailureCode[]

test.each(codes)('%s says what happened and one sentence of what to do, in both languages', code => {
  const en = failureText(code, 'en')
  const zh = failureText(code, 'zh')
  expect(en.next).toMatch(/^[A-Z][^.]*(?:\.[a-z0-9][^.]*)*\.$/)
  expect(en.message).toMatch(/[.]$/)
  expect(zh.next).toMatch(/^[^。]+。$/)
  expect(zh.message).toMatch(/。$/)
  expect(en.next + en.message).not.toMatch(/[\u4e00-\u9fff]/)
  expect(zh.next).toMatch(/[\u4e00-\u9fff]/)
})

test('the language is the one asked for, else the system’s', () => {
  expect(chooseLanguage('en', { LANG: 'zh_CN.UTF-8' })).toBe('en')
  expect(chooseLanguage(undefined, { LANG: 'zh_CN.UTF-8' })).toBe('zh')
  expect(chooseLanguage(undefined, { LC_ALL: 'de_DE', LANG: 'zh_CN.UTF-8' })).toBe('en')
  expect(chooseLanguage(undefined, { LC_ALL: '', LANG: 'zh_TW' })).toBe('zh')
  expect(chooseLanguage(undefined, {})).toBe('en')
})
