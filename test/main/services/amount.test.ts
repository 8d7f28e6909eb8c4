import { expect, test } from 'vitest'
import { figures, inWords } from '../../../main/services/rehearsal/amount.ts'
import { bidPrice, pricedItems } from '../../../main/services/rehearsal/project.ts'

test.each([
  [3_215_678_912, '32,156,789.12', '叁仟贰佰壹拾伍万陆仟柒佰捌拾玖元壹角贰分'],
  [0, '0.00', '零元整'],
  [5, '0.05', '伍分'],
  [100, '1.00', '壹元整'],
  [1_000_000, '10,000.00', '壹万元整'],
  [1_000_500, '10,005.00', '壹万零伍元整'],
  [1_050_010, '10,500.10', '壹万零伍佰元壹角整'],
  [10_000_000_100, '100,000,001.00', '壹亿零壹元整'],
  [101_000, '1,010.00', '壹仟零壹拾元整'],
])('writes %s 分 as figures and in words', (fen, asFigures, asWords) => {
  expect(figures(fen)).toBe(asFigures)
  expect(inWords(fen)).toBe(asWords)
})

test('the bid price is the sum of the priced items', () => {
  const sum = pricedItems.reduce(
    (total, { quantity, unitPrice }) => total + Math.round((quantity * unitPrice) / 100),
    0,
  )
  expect(bidPrice).toBe(sum)
  expect(bidPrice).toBeGreaterThan(1_000_000_00)
})
