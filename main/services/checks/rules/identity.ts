import { partOfForm } from '../../../../crypto/index.ts'
import type { BidFacts } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'

/** Texts of another tender or lot: left over from the bid this one was made from. */
export function identityRules(facts: BidFacts): readonly Finding[] {
  const { tender, draft, documents } = facts
  const strangers = strangersOf(facts)
  const found: Finding[] = []
  for (const { id, fields } of draft.forms) {
    const form = tender.fields.forms.find(each => each.id === id)
    for (const { name, value } of fields) {
      const stranger = strangers(value)
      if (stranger === null) continue
      const title = form?.fields.find(each => each.name === name)?.title ?? ''
      const names = partOfForm(tender, id) === 'opening' || namesTender.test(`${name} ${title}`)
      const place = { kind: 'form', formId: id, field: name } as const
      found.push(finding(names ? 'tender-other' : 'tender-other-mentioned', `${id}/${name} ${stranger}`, place))
    }
  }
  for (const { name, document, pdf } of documents) {
    const title = pdf?.kind === 'read' ? (pdf.facts.info.get('Title') ?? '') : ''
    const stranger = strangers(name) ?? strangers(title)
    if (stranger === null) continue
    const place = { kind: 'document', documentId: document.documentId, file: name } as const
    found.push(finding('tender-other-mentioned', `${name} ${stranger}`, place))
  }
  return found
}

/** A field that says which tender this is for; elsewhere (experience, references) other projects are named rightly. */
const namesTender = /招标编号|项目编号|项目代码|项目名称|标段|tender|lot|project/i

/** 统一项目代码, and 标段编号 of the national platform. */
const projectCode = /(?<![0-9-])(?:19|20)\d{2}-\d{6}-\d{2}-\d{2}-?\d{6}(?![0-9-])/g
const lotCode = /(?<![0-9A-Z])[A-Z]\d{13,22}(?![0-9A-Z])/g
const lotNumber = /第?\s*([一二三四五六七八九十]{1,3}|\d{1,2})\s*标段/g

/** Answers the first piece of a text that names another tender or lot. */
function strangersOf({ tender, knownTenders }: BidFacts): (text: string) => string | null {
  const { tenderId, lotId = '', projectCode: code, title } = tender.fields
  const own = [tenderId, lotId, code, title].filter(each => each !== '')
  const isOwn = (piece: string): boolean => own.some(each => each.includes(piece) || piece.includes(each))
  const others = knownTenders
    .filter(each => each.tenderId !== tenderId || each.lotId !== lotId)
    .flatMap(each => [each.tenderId, each.lotId, each.projectCode, each.title])
    // Short ones (a lot called 01) stand in any text.
    .filter(each => each.length >= 6 && !isOwn(each))
  const lots = new Set(lotNumbersOf(title))
  return text => {
    const other = others.find(each => text.includes(each))
    if (other !== undefined) return other
    const codes = [...(code === '' ? [] : (text.match(projectCode) ?? [])), ...(text.match(lotCode) ?? [])]
    const foreign = codes.find(piece => !isOwn(piece) && own.some(each => sameForm(each, piece)))
    if (foreign !== undefined) return foreign
    const lot = lots.size === 0 ? undefined : lotNumbersOf(text).find(number => !lots.has(number))
    return lot === undefined ? null : `${lot}标段`
  }
}

/** A code is only held against one of its own kind. */
function sameForm(a: string, b: string): boolean {
  const shape = (code: string): string => code.replace(/\d+/g, '0')
  return shape(a) === shape(b)
}

function lotNumbersOf(text: string): readonly string[] {
  return [...text.matchAll(lotNumber)].map(([, number = '']) => {
    const place = '一二三四五六七八九十'.indexOf(number)
    return number.length === 1 && place >= 0 ? String(place + 1) : number
  })
}
