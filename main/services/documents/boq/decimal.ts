/** An exact decimal number: `digits` × 10^-`scale`. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

export const zero: Decimal = { digits: 0n, scale: 0 }

/** Longest number that is read, in characters. */
const longest = 64

/** A number as lists write it: `1,234.50`, `￥12`, full-width, `(3.5)` and `-3.5`, `1.5E3`. Null for what is none. */
export function readDecimal(text: string): Decimal | null {
  if (text.length > longest) return null
  const plain = text
    .normalize('NFKC')
    .replace(/\s/gu, '')
    .replace(/^[¥¥]/u, '')
    .replace(/元$/u, '')
    .replace(/^[−–]/u, '-')
  const bracketed = /^\((.+)\)$/.exec(plain)
  const match = /^([-+]?)(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d*))?(?:[eE]([-+]?\d{1,2}))?$/.exec(bracketed?.[1] ?? plain)
  if (match === null) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole + fraction === '') return null
  const negative = (sign === '-') !== (bracketed !== null)
  const digits = BigInt(whole.replaceAll(',', '') + fraction) * (negative ? -1n : 1n)
  return normal({ digits, scale: fraction.length - Number(exponent) })
}

/** The sum, exact. */
export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { digits: scaled(a, scale) + scaled(b, scale), scale }
}

/** The difference, exact. */
export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { digits: -b.digits, scale: b.scale })
}

/** The product, exact. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale }
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compare(a: Decimal, b: Decimal): number {
  const { digits } = subtract(a, b)
  return digits < 0n ? -1 : digits > 0n ? 1 : 0
}

/** Rounded to so many decimals, halves away from zero (四舍五入). */
export function round({ digits, scale }: Decimal, decimals: number): Decimal {
  if (scale <= decimals) return { digits: scaled({ digits, scale }, decimals), scale: decimals }
  const unit = 10n ** BigInt(scale - decimals)
  const size = digits < 0n ? -digits : digits
  const rounded = (size + unit / 2n) / unit
  return { digits: digits < 0n ? -rounded : rounded, scale: decimals }
}

/** As text, with at least so many decimals and no others that are zero: `1234.50`. */
export function decimalText(value: Decimal, decimals = 2): string {
  const { digits, scale } = atLeast(normal(value), decimals)
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  const whole = text.slice(0, text.length - scale)
  return `${digits < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${text.slice(text.length - scale)}`}`
}

function normal({ digits, scale }: Decimal): Decimal {
  let [value, places] = [digits, scale]
  while (places > 0 && value % 10n === 0n) [value, places] = [value / 10n, places - 1]
  return places < 0 ? { digits: value * 10n ** BigInt(-places), scale: 0 } : { digits: value, scale: places }
}

function atLeast(value: Decimal, decimals: number): Decimal {
  return value.scale >= decimals ? value : { digits: scaled(value, decimals), scale: decimals }
}

function scaled({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale)
}
