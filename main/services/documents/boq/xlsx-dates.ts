import type { XmlElement } from './xml.ts'
import { attributeOf, childrenOf } from './xml.ts'

/** Whether a cell's style shows its number as a date or a time (ECMA-376, 18.8.30). */
export function dateStyles(styles: XmlElement | null): (style: number) => boolean {
  if (styles === null) return () => false
  const own = new Map(
    childrenOf(childrenOf(styles, 'numFmts')[0], 'numFmt').map(each => [
      Number(attributeOf(each, 'numFmtId')),
      isDateFormat(attributeOf(each, 'formatCode') ?? ''),
    ]),
  )
  const cells = childrenOf(childrenOf(styles, 'cellXfs')[0], 'xf').map(each =>
    Number(attributeOf(each, 'numFmtId') ?? '0'),
  )
  return style => {
    const format = cells[style] ?? 0
    return own.get(format) ?? isBuiltInDate(format)
  }
}

/** The formats every program knows by number; 27 to 36 and 50 to 58 are those of East Asia. */
function isBuiltInDate(format: number): boolean {
  return (
    (format >= 14 && format <= 22) ||
    (format >= 27 && format <= 36) ||
    (format >= 45 && format <= 47) ||
    (format >= 50 && format <= 58)
  )
}

function isDateFormat(code: string): boolean {
  const bare = code.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '')
  return /[ymdhs]/i.test(bare) && !/[#0?]\.?[#0?]*e\+/i.test(bare)
}

/** A day counted from the workbook's epoch as `2026-11-24`; with a time of day behind it where it has one. */
export function dateText(days: number, is1904: boolean): string {
  const epoch = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30)
  const date = new Date(epoch + Math.round(days * 86_400) * 1000)
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999) return String(days)
  const text = date.toISOString()
  return Number.isInteger(days) ? text.slice(0, 10) : text.slice(0, 19).replace('T', ' ')
}
