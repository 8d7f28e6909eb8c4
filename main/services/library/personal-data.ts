/**
 * Whether a value is the number of an identity card (居民身份证, GB 11643): 18 characters with a date and a right check
 * digit. Such a number is asked for by few tenders, and is shown in part only.
 */
export function isIdentityNumber(value: string): boolean {
  const text = value.trim().toUpperCase()
  const found = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/.exec(text)
  if (found === null) return false
  const [, year = '', month = '', day = ''] = found
  const born = new Date(`${year}-${month}-${day}T00:00:00Z`)
  if (Number.isNaN(born.getTime())) return false
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = weights.reduce((total, weight, index) => total + weight * Number(text[index]), 0)
  return '10X98765432'[sum % 11] === text[17]
}

/** Whether a value is a mobile telephone's number (手机号). */
export function isMobileNumber(value: string): boolean {
  return /^(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}$/.test(value.trim())
}

/** A value as it may be shown on a screen: of personal numbers the ends only. */
export function masked(value: string): string {
  if (!isIdentityNumber(value) && !isMobileNumber(value)) return value
  const text = value.trim()
  const [start, end] = isIdentityNumber(text) ? [6, 4] : [text.length - 8, 4]
  return text.slice(0, start) + '*'.repeat(text.length - start - end) + text.slice(-end)
}
