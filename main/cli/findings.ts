import type { Finding, FindingPlace } from '../services/index.ts'
import type { Tender } from '../../crypto/index.ts'
import { en } from './finding-words/en.ts'
import { zh } from './finding-words/zh.ts'
import type { Language, Words } from './language.ts'
import type { Terminal } from './terminal.ts'
import { hanging } from './wrap.ts'
import { plain } from './wording.ts'

/**
 * Prints what the check of a bid found: fatal apart from advice, and what is alike together, with the places, the rule it
 * comes from and what to do.
 */
export function sayFindings(terminal: Terminal, findings: readonly Finding[], tender: Tender): void {
  for (const line of findingLines(findings, tender, terminal.language)) terminal.say(line)
}

/** The lines of {@link sayFindings}, fit for a terminal nobody has made wider. */
export function findingLines(findings: readonly Finding[], tender: Tender, language: Language): readonly string[] {
  const texts = { zh, en }[language]
  return (['fatal', 'advice'] as const).flatMap(level => {
    const found = findings.filter(each => each.level === level)
    if (found.length === 0) return []
    const codes = [...new Set(found.map(({ code }) => code))]
    return [
      `${levels[level][language]} (${found.length})`,
      ...codes.flatMap(code => {
        const alike = found.filter(each => each.code === code)
        const rule = alike[0]?.rule ?? 'good-practice'
        const { what, next } = texts.findings[code]
        return [
          ...hanging('  ', what),
          ...alike.flatMap(each => hanging('    · ', about(each, tender, language))),
          ...hanging(`    ${labels.rule[language]}`, texts.rules[rule]),
          ...hanging(`    ${labels.next[language]}`, next),
        ]
      }),
    ]
  })
}

/** The place as people know it, then what it is about, unless that says the place already. */
function about({ about: said, place }: Finding, tender: Tender, language: Language): string {
  const where = plain(placeWords(place, tender, language))
  const what = plain(said)
  if (where === '' || what.includes(where)) return what
  return language === 'zh' ? `${where}：${what}` : `${where}: ${what}`
}

function placeWords(place: FindingPlace, tender: Tender, language: Language): string {
  switch (place.kind) {
    case 'document': {
      const title = tender.fields.documents.find(({ id }) => id === place.documentId)?.title ?? ''
      if (place.page === undefined) return title
      return language === 'zh' ? `${title}，第 ${place.page} 页起` : `${title}, from page ${place.page}`
    }
    case 'form': {
      const form = tender.fields.forms.find(({ id }) => id === place.formId)
      const field = form?.fields.find(({ name }) => name === place.field)
      const names = [form?.title ?? '', field?.title ?? ''].filter(each => each !== '')
      return names.join(language === 'zh' ? '·' : ' / ')
    }
    case 'lock':
      return uses[place.use][language]
    case 'file':
    case 'tender':
    case 'bid':
    case 'computer':
      return ''
  }
}

const levels: Readonly<Record<Finding['level'], Words>> = {
  fatal: { zh: '必改', en: 'Must change' },
  advice: { zh: '建议', en: 'Advice' },
}

const labels: Readonly<Record<'rule' | 'next', Words>> = {
  rule: { zh: '依据：', en: 'rule: ' },
  next: { zh: '处理：', en: 'next: ' },
}

const uses: Readonly<Record<'sign' | 'decrypt', Words>> = {
  sign: { zh: '签名锁', en: 'signing lock' },
  decrypt: { zh: '解密锁', en: 'opening lock' },
}
