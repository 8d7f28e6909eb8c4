import type { RecordFields } from '../services/index.ts'
import type { Language, Words } from './language.ts'
import { cell, displayWidth, plain } from './wording.ts'

/** What a record can say of a bid. */
export const stateWords: Readonly<Record<RecordFields['bids'][number]['state'], Words>> = {
  opened: { zh: '已开标', en: 'opened' },
  'not-released': { zh: '未解密', en: 'not released' },
  failed: { zh: '解密失败', en: 'failed' },
  withdrawn: { zh: '已撤回', en: 'withdrawn' },
}

/** Hex digits of a digest that fit on a line beside the rest; --json has all of it. */
const shownDigits = 16

/** The record as a table: our own bid marked, each bidder with the state, the code of a failure, the opening data's digest. */
export function recordTable(record: RecordFields, sealDigest: string, language: Language): readonly string[] {
  const heads: readonly Words[] = [
    { zh: '', en: '' },
    { zh: '投标人', en: 'bidder' },
    { zh: '状态', en: 'state' },
    { zh: '原因', en: 'code' },
    { zh: '开标数据摘要', en: 'opening data' },
  ]
  const rows = [
    heads.map(words => words[language]),
    ...record.bids.map(bid => [
      bid.sealDigest === sealDigest ? '*' : '',
      plain(bid.bidder.name),
      stateWords[bid.state][language],
      bid.code === undefined ? '' : plain(bid.code),
      bid.openingDigest === undefined
        ? ''
        : `${bid.openingDigest.slice(0, shownDigits).match(/.{4}/g)?.join(' ') ?? ''} …`,
    ]),
  ]
  const widths = heads.map((_, column) => Math.max(...rows.map(row => displayWidth(row[column] ?? ''))))
  return rows.map(row => `  ${row.map((text, column) => cell(text, widths[column] ?? 0)).join('  ')}`.trimEnd())
}
