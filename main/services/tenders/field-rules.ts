import type { TenderField } from '../../../crypto/index.ts'

/** How a value does not fit the field of a form. */
export type FieldMisfit =
  'not-amount' | 'not-integer' | 'not-date' | 'not-choice' | 'too-small' | 'too-large' | 'too-long'

/**
 * Whether a filled value fits what the tender says of the field, null when it does. An empty value fits: whether a field must
 * be filled is another question, and so is whether an amount in words says the same as its figures. An amount may have
 * separators every three digits (1,234.50) and at most two decimals, a date is 2026-03-01, 2026/3/1 or 2026年3月1日.
 */
export function fieldMisfit(field: TenderField, value: string): FieldMisfit | null {
  const text = value.trim()
  if (text === '') return null
  if (field.maxLength !== undefined && [...text].length > field.maxLength) return 'too-long'
  switch (field.kind) {
    case 'amount':
      return isAmount(text) ? outOfRange(field, text.replaceAll(',', ''), compareDecimals) : 'not-amount'
    case 'integer':
      return /^-?\d{1,18}$/.test(text) ? outOfRange(field, text, compareDecimals) : 'not-integer'
    case 'date': {
      const day = dayOf(text)
      return day === null ? 'not-date' : outOfRange(field, day, compareTexts)
    }
    case 'choice':
      return field.choices?.includes(text) === false ? 'not-choice' : null
    default:
      return null
  }
}

/** A day in one of the usual spellings as `2026-03-01`, null for what is none. */
export function dayOf(text: string): string | null {
  const found = /^(\d{4})(?:-(\d{1,2})-(\d{1,2})|\/(\d{1,2})\/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)$/.exec(text.trim())
  if (found === null) return null
  const [, year = '', ...parts] = found
  const [month = '', day = ''] = parts.filter(Boolean)
  const normal = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const date = new Date(`${normal}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(normal) ? normal : null
}

/** Which of two decimal numbers is greater, without rounding; negative when the first is smaller. */
export function compareDecimals(a: string, b: string): number {
  const [x, y] = [scaled(a), scaled(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

function isAmount(text: string): boolean {
  return /^(?:\d{1,18}|\d{1,3}(?:,\d{3}){1,5})(?:\.\d{1,2})?$/.test(text)
}

/** A bound of another form than the value's (a day for an amount) bounds nothing. */
function outOfRange(
  { min, max }: TenderField,
  value: string,
  compare: (a: string, b: string) => number,
): FieldMisfit | null {
  const comparable = (bound: string | undefined): bound is string =>
    bound !== undefined && isDay(bound) === isDay(value)
  if (comparable(min) && compare(value, min) < 0) return 'too-small'
  if (comparable(max) && compare(value, max) > 0) return 'too-large'
  return null
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text)
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** In millionths: the most decimals a bound may have. */
function scaled(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace(/^-/, '').split('.')
  const size = BigInt(whole + fraction.padEnd(6, '0').slice(0, 6))
  return text.startsWith('-') ? -size : size
}
