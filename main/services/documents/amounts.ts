import { AppFailure } from '../../contract/failure.ts'
import { digitsOf, normalWords, wordsOf } from './amount-words.ts'

/**
 * Figures of an amount as people write them (`32,156,789.12`, `￥1409.5`, full-width, `… 元`) as the canonical decimal string in
 * yuan: no leading zeros, always two decimals. Null for what is no amount, has more than two decimals, or is 10^12 yuan or more.
 */
export function readAmount(text: string): string | null {
  const plain = text
    .normalize('NFKC')
    .trim()
    .replace(/^(?:人民币|RMB|CNY)\s*/i, '')
    .replace(/^[¥¥]\s*/, '')
    .replace(/\s*元$/, '')
  const match = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$/.exec(plain)
  if (match === null) return null
  const whole = (match[1] ?? '').replaceAll(',', '').replace(/^0+(?=\d)/, '')
  return whole.length > 12 ? null : `${whole}.${(match[2] ?? '').padEnd(2, '0')}`
}

/** A canonical amount with its thousands separated: `32,156,789.12`. */
export function amountInFigures(yuan: string): string {
  return required(yuan).replace(/\B(?=(\d{3})+\.)/g, ',')
}

/**
 * An amount in Chinese capitals as cheques and bid forms write it (支付结算办法, 正确填写票据和结算凭证的基本规定), without 人民币 before
 * it: 叁仟贰佰壹拾伍万陆仟柒佰捌拾玖元壹角贰分. Where the rules leave a 零 open none is written; 整 stands after 元 and 角. Takes what
 * {@link readAmount} reads; throws `arguments.bad` for anything else.
 */
export function amountInWords(yuan: string): string {
  return wordsOf(required(yuan)).replace(/\?[零整]/g, word => (word === '?整' ? '整' : ''))
}

/**
 * The amount that words in Chinese capitals say, in the canonical form of {@link readAmount}; null for what is no amount. Other
 * common spellings are read too: 圆 for 元, 正 for 整 or neither, 人民币 before it, everyday numerals, a 零 too many or, where
 * nothing else can be meant, too few. `strict` reads only what the rules for cheques allow.
 */
export function amountFromWords(words: string, spelling: 'tolerant' | 'strict' = 'tolerant'): string | null {
  const amount = digitsOf(words)
  if (amount === null || spelling === 'tolerant') return amount
  // Every spelling the rules allow: `?` stands before a word that may be left out.
  const allowed = new RegExp(`^${wordsOf(amount).replace(/\?(.)/g, '$1?')}$`)
  return allowed.test(normalWords(words)) ? amount : null
}

function required(yuan: string): string {
  const amount = readAmount(yuan)
  if (amount === null) throw new AppFailure('arguments.bad', 'no amount in yuan with at most two decimals, below 10^12')
  return amount
}
