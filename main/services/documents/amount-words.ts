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
  const words = [...four].map((digit, index) =>
    digit === '0' ? '0' : `${capitals[Number(digit)] ?? ''}${places[3 - index] ?? ''}`,
  )
  return words
    .join('')
    .replace(/^0+|0+$/g, '')
    .replace(/0+/g, '零')
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

/** Each capital with the other ways of writing it. */
const spellings = '零〇○ 壹一弌 贰二貳弍两兩 叁三叄參 肆四 伍五 陆六陸 柒七 捌八 玖九 拾十 佰百 仟千 万萬 亿億'
const capitalOf = new Map(
  spellings.split(' ').flatMap(([capital = '', ...others]) => others.map(other => [other, capital] as const)),
)

const group = '([零壹贰叁肆伍陆柒捌玖拾佰仟]'
const digit = '([零壹贰叁肆伍陆柒捌玖])'
const amountForm = new RegExp(
  `^(?:(?:${group}+)亿)?(?:${group}+)万)?${group}*)元)?零*(?:${digit}角)?零*(?:${digit}分)?整?$`,
  'u',
)

/** The canonical amount words say, read tolerantly; null for what is none. */
export function digitsOf(words: string): string | null {
  const capital = [...normalWords(words)].map(word => capitalOf.get(word) ?? word).join('')
  const match = amountForm.exec(capital)
  if (match === null || !/[元角分]/u.test(capital)) return null
  const [, yi, wan, one, jiao, fen] = match
  if (capital.startsWith('元')) return null
  let digits = ''
  let above: Group | null = null
  for (const each of [yi, wan, one]) {
    const four = readGroup(each ?? '')
    if (four === null || (four.digits !== '0000' && above !== null && isAmbiguous(above, four))) return null
    digits += four.digits
    if (above !== null || four.digits !== '0000') above = four
  }
  const figure = (word: string | undefined): number => (word === undefined ? 0 : capitals.indexOf(word))
  return `${digits.replace(/^0+(?=\d)/, '')}.${figure(jiao)}${figure(fen)}`
}

interface Group {
  readonly digits: string
  readonly isAfterZero: boolean
}

/** A group without a 零 before it that could be heard as the next lower place of the upper one: 壹万伍元, 壹亿伍仟元. */
function isAmbiguous(above: Group, group: Group): boolean {
  return !group.isAfterZero && (above.digits === '0000' || group.digits.startsWith('000'))
}

/** Up to four places. Null for places out of order, a digit without a place, or a last digit that could be of two places. */
function readGroup(words: string): Group | null {
  const digits = [0, 0, 0, 0]
  const unitAt = (at: number): number => '拾佰仟'.indexOf(words.charAt(at) || '-') + 1
  let lastPlace = 4
  let isAfterZero = false
  for (let at = 0; at < words.length; at += 1) {
    // A lone 拾 at the beginning is ten.
    const isTen = lastPlace === 4 && words[at] === '拾'
    const value = isTen ? 1 : capitals.indexOf(words.charAt(at))
    if (value < 0) return null
    const place = unitAt(isTen ? at : at + 1)
    if (value === 0 && place === 0) isAfterZero = true
    else {
      const isSkipping = lastPlace < 4 && place < lastPlace - 1
      // 壹万零拾伍元 may mean ten or a place without tens; behind 佰 it is a form filled in place by place.
      if (value === 0 && place === 1 && lastPlace !== 2) return null
      if (place >= lastPlace || (isSkipping && place === 0 && !isAfterZero)) return null
      digits[3 - place] = value
      lastPlace = place
      isAfterZero = value === 0
      if (place > 0 && !isTen) at += 1
    }
  }
  return { digits: digits.join(''), isAfterZero: words.startsWith('零') }
}
