import type { BidFacts } from '../facts.ts'
import { bidderOf } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { placeOf } from './documents.ts'

/** Signs of another company: in files, among this home's bids, and plugged into this computer. Only advice. */
export function companyRules(facts: BidFacts): readonly Finding[] {
  const bidder = bidderOf(facts)
  return [
    ...facts.documents.flatMap(each => {
      const makers = each.pdf?.kind === 'read' ? each.pdf.makers : []
      const said = [{ key: '', text: each.name }, ...makers]
      return said.flatMap(({ key, text }) => {
        const company = foreignCompany(key, text, bidder.name)
        const about = [each.name, key, company].filter(piece => piece !== '' && piece !== null).join(' ')
        return company === null ? [] : [finding('foreign-company', about, placeOf(each))]
      })
    }),
    ...bidderFields(facts, bidder.name),
    ...facts.otherBids
      .filter(each => each.tenderId === facts.tender.fields.tenderId && isOther(each.creditCode, bidder.creditCode))
      .map(({ shortCode, creditCode }) => {
        return finding('other-company-bid', `${shortCode} ${creditCode}`, { kind: 'computer' })
      }),
    ...facts.seenLocks
      .filter(each => isOther(each.creditCode, bidder.creditCode))
      .map(({ label, name, creditCode }) => {
        return finding('other-company-lock', `${label} ${name} ${creditCode ?? ''}`.trim(), { kind: 'computer' })
      }),
  ]
}

/** A form that gives another name for the bidder than the draft. */
function bidderFields({ tender, draft }: BidFacts, bidder: string): readonly Finding[] {
  if (bidder === '') return []
  return draft.forms.flatMap(({ id, fields }) => {
    const form = tender.fields.forms.find(each => each.id === id)
    return fields.flatMap(({ name, value }) => {
      const title = form?.fields.find(each => each.name === name)?.title ?? name
      if (!/^(投标人|供应商|投标单位|bidder)(名称)?$/i.test(title) && !/^bidder(Name)?$/.test(name)) return []
      const company = foreignCompany('', value, bidder)
      const place = { kind: 'form', formId: id, field: name } as const
      return company === null ? [] : [finding('foreign-company', `${id}/${name} ${company}`, place)]
    })
  })
}

function isOther(creditCode: string | null, own: string | null): boolean {
  return creditCode !== null && own !== null && creditCode !== own
}

const company =
  /[\u4e00-\u9fff（）()·A-Za-z0-9 ]{2,40}?(?:有限责任公司|股份有限公司|有限公司|集团公司|总公司|分公司|设计院|研究院|事务所)|[A-Z][\w&.,' -]{1,60}?\b(?:Co\.?,? ?Ltd|Ltd|LLC|Inc|Corp|GmbH)\b\.?/u

/** Makers of the programs documents are written with; they stand in every bidder's files. */
const softwareMakers =
  /金山办公|福昕|方正|数科|广联达|品茗|同望|新点|鲁班|擎洲|斯维尔|宏业|microsoft|adobe|foxit|kingsoft|wps|abbyy|apple|google|itext|aspose|apache/i

/** The company a text names, where it is another one than the bidder. */
function foreignCompany(key: string, text: string, bidder: string): string | null {
  if (softwareMakers.test(text)) return null
  // A property that is there to name the company names one, whatever it says.
  const named = /company|publisher/i.test(key) ? text.trim() : (company.exec(text)?.[0] ?? '')
  const found = plainName(named)
  const own = plainName(bidder)
  if (found === '' || own === '' || found.includes(own) || own.includes(found)) return null
  return named.trim()
}

function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/[\s()·.,_-]/g, '')
    .toLowerCase()
}
