const capitals = '零壹贰叁肆伍陆柒捌玖'
const places = ['', '拾', '佰', '仟'] as const

/**
 * All spellings of a canonical amount that the rules for cheques allow, as one text: `?` stands before a word that may be left
 * out. Rule 4 (3): between two neighbouring groups, and between 元 and 角, a 零 is open where the upper ends in zero and the lower
 * does not begin with one. Rule 2: 整 may be left out after 角.
 */
export function wordsOf(amount: string): string {
  const [whole = '0', decimals = '00'] = amount.split('.')
  const [jiao = 0, fen = 0] = [...decimals].map(Number)
  const yuan = yuanWords(whole)
  const end = fen === 0 ? '' : `${capitals[fen] ?? ''}分`
  if (jiao === 0 && fen === 0) return `${yuan === '' ? '零元' : yuan}整`
  if (jiao === 0) return yuan === '' ? end : `${yuan}零${end}`
  const open = yuan !== '' && whole.endsWith('0') ? '?零' : ''
  return `${yuan}${open}${capitals[jiao] ?? ''}角${fen === 0 ? '?整' : end}`
}

function yuanWords(whole: string): string {
  const digits = whole.padStart(12, '0')
  let words = ''
  let upper = ''
  for (const [index, unit] of ['亿', '万', '元'].entries()) {
    const four = digits.slice(index * 4, index * 4 + 4)
    if (four !== '0000') {
      const skipped = words !== '' && (four.startsWith('0') || upper === '0000')
      const open = words !== '' && !skipped && upper.endsWith('0')
      words += (skipped ? '零' : open ? '?零' : '') + fourWords(four) + unit
    }
    upper = four
  }
  return words === '' || words.endsWith('元') ? words : `${words}元`
}

function fourWords(four: string): string {
  const words = [...four].map((digit, index) => (digit === '0' ? '0' : `${capitals[Number(digit)] ?? ''}${places[3 - index] ?? ''}`))
  return words.join('').replace(/^0+|0+$/g, '').replace(/0+/g, '零')
}

/** Words without what surrounds them (人民币, 大写, blanks) and with one spelling for 元 and 整. */
export function normalWords(words: string): string {
  return words
    .normalize('NFKC')
    .replace(/\s+/gu, '')
    .replace(/^(?:[(]?大写[)]?:?)?(?:人民[币幣])?(?:[(]?大写[)]?)?:?/u, '')
    .replace(/[圆圓]/gu, '元')
    .replace(/正$/u, '整')
}

const everyday: Readonly<Record<string, string>> = {
  ...{ '〇': '零', '○': '零', 一: '壹', 弌: '壹', 二: '贰', 貳: '贰', 弍: '贰', 两: '贰', 兩: '贰', 三: '叁', 叄: '叁', 參: '叁' },
  ...{ 四: '肆', 五: '伍', 六: '陆', 陸: '陆', 七: '柒', 八: '捌', 九: '玖', 十: '拾', 百: '佰', 千: '仟', 萬: '万', 億: '亿' },
}

const amountForm = /^(?:(?:([零壹贰叁肆伍陆柒捌玖拾佰仟]+)亿)?(?:([零壹贰叁肆伍陆柒捌玖拾佰仟]+)万)?([零壹贰叁肆伍陆柒捌玖拾佰仟]*)元)?(零*)(?:([零壹贰叁肆伍陆柒捌玖])角)?(零*)(?:([零壹贰叁肆伍陆柒捌玖])分)?整?$/u

/** The canonical amount words say, read tolerantly; null for what is none. */
export function digitsOf(words: string): string | null {
  const capital = [...normalWords(words)].map(word => everyday[word] ?? word).join('')
  const match = amountForm.exec(capital)
  if (match === null || !/[元角分]/u.test(capital)) return null
  const [, yi, wan, one = '', , jiao, , fen] = match
  if (capital.startsWith('元')) return null
  const groups = [yi, wan, one].map(group => (group === undefined || group === '' ? zeroGroup : readGroup(group)))
  if (groups.some(group => group === null)) return null
  let digits = ''
  let above: Group | null = null
  for (const group of groups) {
    if (group === null || (group.digits !== '0000' && above !== null && isAmbiguous(above, group))) return null
    digits += group.digits
    if (above !== null || group.digits !== '0000') above = group
  }
  const digit = (word: string | undefined): number => (word === undefined ? 0 : capitals.indexOf(word))
  return `${digits.replace(/^0+(?=\d)/, '')}.${digit(jiao)}${digit(fen)}`
}

interface Group {
  readonly digits: string
  readonly isAfterZero: boolean
}

const zeroGroup: Group = { digits: '0000', isAfterZero: false }

/** A group without a 零 before it that could be heard as the next lower place of the upper one: 壹万伍元, 壹亿伍仟元. */
function isAmbiguous(above: Group, group: Group): boolean {
  return !group.isAfterZero && (above.digits === '0000' || group.digits.startsWith('000'))
}

/** Up to four places. Null for places out of order, a digit without a place, or a last digit that could be of two places. */
function readGroup(words: string): Group | null {
  const digits = [0, 0, 0, 0]
  let place = 4
  let isAfterZero = false
  // A lone 拾 at the beginning is ten.
  for (const [, zeros = '', digit = '', unit = ''] of words.replace(/^(零*)拾/u, '$1壹拾').matchAll(/(零*)([壹贰叁肆伍陆柒捌玖]?)([拾佰仟]?)/gu)) {
    if (zeros + digit + unit === '') continue
    const here = places.findIndex(each => each === unit)
    if (digit === '' && unit === '') {
      isAfterZero = true
      continue
    }
    if (here >= place || (digit === '' && zeros === '')) return null
    const gap = here < place - 1 && place < 4
    if (gap && here === 0 && zeros === '' && !isAfterZero) return null
    digits[3 - here] = capitals.indexOf(digit === '' ? '零' : digit)
    place = here
    isAfterZero = digit === ''
  }
  return { digits: digits.join(''), isAfterZero: words.startsWith('零') }
}
