/** An amount in 分 as figures: `32,156,789.12`. */
export function figures(fen: number): string {
  return decimal(fen)
}

/** Hundredths as a decimal number with thousands separated. */
export function decimal(hundredths: number): string {
  const whole = Math.floor(hundredths / 100)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')
  return `${whole}.${String(hundredths % 100).padStart(2, '0')}`
}

const digits = '零壹贰叁肆伍陆柒捌玖'

/** An amount in 分 in words, as banks and bid forms write it: 叁仟贰佰壹拾伍万陆仟柒佰捌拾玖元壹角贰分. Below 10^12 元. */
export function inWords(fen: number): string {
  const yuan = Math.floor(fen / 100)
  const whole = yuan === 0 ? '零元' : `${wholeInWords(yuan)}元`
  const jiao = Math.floor(fen / 10) % 10
  const rest = fen % 10
  if (jiao === 0 && rest === 0) return `${whole}整`
  const tenth = jiao === 0 ? '零' : `${digits[jiao] ?? ''}角`
  return `${whole}${tenth}${rest === 0 ? '整' : `${digits[rest] ?? ''}分`}`
}

function wholeInWords(value: number): string {
  const groups = ['', '万', '亿']
  let words = ''
  let pendingZero = false
  for (let group = groups.length - 1; group >= 0; group -= 1) {
    const four = Math.floor(value / 10_000 ** group) % 10_000
    if (four === 0) {
      pendingZero = words !== ''
      continue
    }
    if (words !== '' && (pendingZero || four < 1000)) words += '零'
    words += fourInWords(four) + (groups[group] ?? '')
    pendingZero = false
  }
  return words
}

function fourInWords(four: number): string {
  const units = ['', '拾', '佰', '仟']
  let words = ''
  let zero = false
  for (let place = 3; place >= 0; place -= 1) {
    const digit = Math.floor(four / 10 ** place) % 10
    if (digit === 0) zero = words !== ''
    else {
      if (zero) words += '零'
      words += (digits[digit] ?? '') + (units[place] ?? '')
      zero = false
    }
  }
  return words
}
