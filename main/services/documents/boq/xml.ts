import { XMLParser } from 'fast-xml-parser'
import { unreadable } from './grid.ts'

/** An element: its attributes as `@name`, its children by name as lists, its text as `#text`. */
export type XmlElement = Readonly<Record<string, unknown>>

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // SECURITY: the five entities of XML and numbered characters are read by `unescaped`; nothing else expands.
  processEntities: false,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
})

/** The root element of a part of a workbook. Throws `input.unreadable`. */
export function parseXml(text: string, root: string): XmlElement {
  requireBalanced(text)
  let parsed: unknown
  try {
    parsed = parser.parse(text)
  } catch (error) {
    throw unreadable('a part of the workbook is no XML', error)
  }
  const found = isElement(parsed) ? childrenOf(parsed, root)[0] : undefined
  if (found === undefined) throw unreadable('a part of the workbook is not what it must be')
  return found
}

/** Children of a name, in order. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  const value = element?.[name]
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  // An element with nothing but text in it is read as that text.
  return list.map(each => (isElement(each) ? each : { '#text': String(each) }))
}

/** An attribute's value. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  const value = element[`@${name}`]
  return typeof value === 'string' ? unescaped(value) : undefined
}

/** The text directly in an element. */
export function textOf(element: XmlElement | undefined): string {
  const value = element?.['#text']
  const pieces: readonly unknown[] = Array.isArray(value) ? value : [value]
  return unescaped(pieces.filter(piece => typeof piece === 'string').join(''))
}

/** Deepest nesting of elements; a worksheet's is seven. */
const deepest = 64

/** The parser takes what is not closed or closed twice as it comes: a part cut short would be read as a shorter list. */
function requireBalanced(text: string): void {
  const open: string[] = []
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const end = endOfMarkup(text, at)
    const isElement = !/[!?]/.test(text.charAt(at + 1))
    const name = /^<\/?([^\s/>]+)/.exec(text.slice(at, Math.min(end, at + 256)))?.[1] ?? ''
    if (isElement && text[at + 1] === '/') {
      if (open.pop() !== name) throw unreadable('a part of the workbook is no XML')
    } else if (isElement && text[end - 2] !== '/') open.push(name)
    if (open.length > deepest) throw unreadable('a part of the workbook is nested deeper than any')
    at = end
  }
  if (open.length > 0) throw unreadable('a part of the workbook is cut short')
}

/** Behind a tag, a comment, a section of characters or an instruction. */
function endOfMarkup(text: string, at: number): number {
  const closing = [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
  ].find(([begin = '']) => text.startsWith(begin, at))?.[1]
  let end = at + 1
  if (closing !== undefined) end = text.indexOf(closing, at)
  else while (end >= at && end < text.length && text[end] !== '>') end = behindQuote(text, end)
  if (end < at || end >= text.length) throw unreadable('a part of the workbook is cut short')
  return end + (closing?.length ?? 1)
}

function behindQuote(text: string, at: number): number {
  const mark = text.charAt(at)
  if (mark !== '"' && mark !== "'") return at + 1
  const close = text.indexOf(mark, at + 1)
  return close < 0 ? text.length : close + 1
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,4}));/gi,
    (whole: string, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return code > 0x10ffff ? whole : String.fromCodePoint(code)
    },
  )
}

function isElement(value: unknown): value is XmlElement {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
