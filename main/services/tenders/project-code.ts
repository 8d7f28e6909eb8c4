/** What kind of code a tender's `projectCode` is, by its form. */
export type ProjectCodeKind =
  /** 投资项目统一代码: 24 characters in five groups. */
  | 'investment-project'
  /** 招标项目编号 or 标段（包）编号: 17 or 20 characters, the platform first. */
  | 'tender-number'
  /** 统一交易标识码: kind of trade, credit code of the platform, day, number, check character. */
  | 'trade-identifier'
  | 'none'
  | 'unknown'

/**
 * Tells the form of a code. Nothing is looked up, so a code of a known form may still be a wrong one; one of an unknown form
 * is a reason to look twice, and no more: platforms use codes of their own.
 */
export function projectCodeKind(code: string): ProjectCodeKind {
  if (code === '') return 'none'
  if (isInvestmentProject(code)) return 'investment-project'
  const tender = /^[A-Z](\d{2})\d{4}\d{4}\d{6}(?:\d{3})?$/.exec(code)
  if (tender !== null) return isProvince(tender[1]) ? 'tender-number' : 'unknown'
  const trade = /^[A-Z]\d{2}-[0-9A-HJ-NPQRTUWXY]{18}-(\d{8})-\d{6}-[0-9A-Z]$/.exec(code)
  if (trade !== null) return isDay(trade[1]) ? 'trade-identifier' : 'unknown'
  return 'unknown'
}

/**
 * Year or time (4 digits), region (6), industry or department (2), kind of project (2), number (6). Until 2020 the first
 * group was the year (2017); since the code management rules of 2020 and GB/T 40058-2021 it is year and month (2509), and
 * the last digit is a check digit.
 */
function isInvestmentProject(code: string): boolean {
  const groups = /^(\d{2})(\d{2})-(\d{2})\d{4}-\d{2}-\d{2}-\d{6}$/.exec(code)
  if (groups === null) return false
  const [, first = '', second = '', region] = groups
  const month = Number(second)
  const isYear = first === '20' && Number(second) >= 14 && Number(second) <= 30
  const isYearAndMonth = Number(first) >= 20 && month >= 1 && month <= 12
  return (isYear || isYearAndMonth) && (region === '00' || isProvince(region))
}

/** Provinces as GB/T 2260 numbers them; 66 is the Xinjiang Production and Construction Corps. */
const provinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 66 71 81 82'.split(' '),
)

function isProvince(digits: string | undefined): boolean {
  return digits !== undefined && provinces.has(digits)
}

function isDay(digits = ''): boolean {
  const text = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}
