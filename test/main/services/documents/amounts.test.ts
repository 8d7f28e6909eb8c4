import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppFailure } from '../../../../main/contract/failure.ts'
import {
  amountFromWords,
  amountInFigures,
  amountInWords,
  readAmount,
} from '../../../../main/services/documents/amounts.ts'

// Made by test/fixtures/documents/amounts.py, another method than ours.
const table = readFileSync(new URL('../../../fixtures/documents/amounts.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => line.split('\t') as [string, string])

/** Zeros are where the rules are: half of all digits are one. */
const digit = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 }))
const amounts = fc
  .tuple(
    fc.array(digit, { minLength: 1, maxLength: 12 }).map(digits => BigInt(digits.join(''))),
    fc.integer({ min: 0, max: 99 }),
  )
  .map(([yuan, cents]) => `${yuan}.${String(cents).padStart(2, '0')}`)

test('agrees with a table of more than 200 amounts made by another method, both ways', () => {
  expect(table.length).toBeGreaterThan(200)
  for (const [figures, words] of table) {
    expect(amountInWords(figures), figures).toBe(words)
    expect(amountFromWords(words), words).toBe(figures)
    expect(amountFromWords(words, 'strict'), words).toBe(figures)
  }
})

// The examples of the rules for cheques (支付结算办法), with both spellings where they name two.
test.each([
  ['1409.50', '人民币壹仟肆佰零玖元伍角'],
  ['6007.14', '人民币陆仟零柒元壹角肆分'],
  ['1680.32', '人民币壹仟陆佰捌拾元零叁角贰分'],
  ['1680.32', '人民币壹仟陆佰捌拾元叁角贰分'],
  ['107000.53', '人民币壹拾万柒仟元零伍角叁分'],
  ['107000.53', '人民币壹拾万零柒仟元伍角叁分'],
  ['16409.02', '人民币壹万陆仟肆佰零玖元零贰分'],
  ['325.04', '人民币叁佰贰拾伍元零肆分'],
])('reads %s in the spelling of the rules: %s', (figures, words) => {
  expect(amountFromWords(words, 'strict')).toBe(figures)
})

test.each([
  ['32156789.12', '叁仟贰佰壹拾伍万陆仟柒佰捌拾玖圆壹角贰分'],
  ['100.00', '壹佰圆正'],
  ['100.00', '人民币（大写）：壹佰元整'],
  ['100.00', ' 人民币 壹 佰 元 整 '],
])('reads other words for the same as the rules do: %s, %s', (figures, words) => {
  expect(amountFromWords(words, 'strict')).toBe(figures)
})

test.each([
  ['100.00', '壹佰元'],
  ['105.00', '一百零五元'],
  ['15.00', '拾伍元整'],
  ['150000.00', '拾伍万元整'],
  ['1250.00', '壹仟贰佰零伍拾元整'],
  ['2000.00', '貳仟圓正'],
  ['0.50', '零元伍角整'],
  ['1050.00', '壹仟伍拾元整'],
  ['5030.20', '伍仟零佰叁拾零元贰角零分'],
  ['5003.00', '伍仟零佰零拾叁元零角零分'],
])('reads everyday spellings tolerantly and not strictly: %s, %s', (figures, words) => {
  expect(amountFromWords(words)).toBe(figures)
  expect(amountFromWords(words, 'strict')).toBeNull()
})

test.each([
  '',
  '元整',
  '人民币',
  '壹佰',
  '壹贰元整',
  '壹拾佰元整',
  '壹佰仟元整',
  '佰元整',
  '壹佰伍元整',
  '壹万伍元整',
  '壹亿伍仟元整',
  '壹万亿元整',
  '壹万壹万元整',
  '壹亿亿元整',
  '壹元整壹角',
  '壹分壹角',
  '负壹元整',
  '壹元整。',
  '100元整',
  '拾拾元整',
  '壹万零拾伍元整',
])('reads no amount from %j', words => {
  expect(amountFromWords(words)).toBeNull()
})

test('what is written in words is read as the same amount', () => {
  fc.assert(
    fc.property(amounts, amount => {
      const words = amountInWords(amount)
      expect(amountFromWords(words, 'strict')).toBe(amount)
      expect(amountFromWords(words)).toBe(amount)
    }),
    { numRuns: 2000 },
  )
})

test('no two amounts have one spelling, and a reading never invents: words that are read say what figures write', () => {
  const piece = fc.constantFrom(...Array.from('零壹贰伍玖拾佰仟万亿元角分整'))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      const words = pieces.join('')
      const amount = amountFromWords(words)
      if (amount === null) return
      // The digits that are not zero stand in the figures in the same order.
      const digits = words.replace(/(^|[亿万])拾/g, '$1壹拾').replace(/[^壹贰伍玖]/g, '')
      const figures = amount.replace(/[.0]/g, '')
      expect(digits.replace(/./gu, each => String('零壹贰叁肆伍陆柒捌玖'.indexOf(each)))).toBe(figures)
      if (amountFromWords(words, 'strict') !== null) {
        const without = (text: string): string => text.replace(/零|整/g, '')
        expect(without(words)).toBe(without(amountInWords(amount)))
      }
    }),
    { numRuns: 20_000 },
  )
})

test.each([
  ['32,156,789.12', '32156789.12'],
  ['￥1,409.5', '1409.50'],
  ['人民币 100 元', '100.00'],
  ['００１２', '12.00'],
  ['0', '0.00'],
  ['999999999999.99', '999999999999.99'],
])('reads the figures %s', (figures, amount) => {
  expect(readAmount(figures)).toBe(amount)
  expect(readAmount(amountInFigures(figures))).toBe(amount)
})

test.each(['', '1.234', '1,23', '-5', '1e5', '1000000000000', '12 345', 'abc', '1.'])('%j is no amount', text => {
  expect(readAmount(text)).toBeNull()
  expect(() => amountInWords(text)).toThrow(AppFailure)
})

test('writes figures with thousands separated', () => {
  expect(amountInFigures('32156789.12')).toBe('32,156,789.12')
  expect(amountInFigures('100')).toBe('100.00')
})
