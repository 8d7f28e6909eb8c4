import { canSign } from '../services/index.ts'
import type { DoctorReport, ExaminedCertificate, ExaminedModule, ExaminedToken, Rung } from '../services/index.ts'
import { adviceFor } from './doctor-advice.ts'
import { deviationWords, findingWords, reasonWords, rungNames, statusNames } from './doctor-words.ts'
import type { Words } from './language.ts'
import type { Terminal } from './terminal.ts'
import { cell, day, displayWidth, plain } from './wording.ts'
import { hanging } from './wrap.ts'

/** Prints what the examination found, a rung a line, in eighty columns. */
export function sayReport(terminal: Terminal, report: DoctorReport): void {
  for (const rung of report.rungs) sayRung(terminal, rung, null, '')
  for (const module of report.modules) sayModule(terminal, module)
  terminal.say()
  terminal.say(terminal.words(conclusion(report)))
}

function sayModule(terminal: Terminal, { reference, vendor, rungs, tokens }: ExaminedModule): void {
  terminal.say()
  terminal.say(plain(reference.path))
  if (vendor !== null) {
    const tried = vendor.evidence === 'tried' ? evidence.tried : evidence.documents
    const name = plain(terminal.words(vendor.vendor))
    sayLines(terminal, '  ', `${terminal.words(makerWords)}${name}${terminal.words(tried)}`)
  }
  for (const rung of rungs) sayRung(terminal, rung, vendor, '  ')
  for (const token of tokens) sayToken(terminal, token, vendor)
}

const makerWords: Words = { zh: '厂商资料：', en: 'known as: ' }
const evidence = {
  tried: { zh: '（已试过）', en: ' (tried)' },
  documents: { zh: '（依据公开资料，未用实物试过）', en: ' (from documents, not tried with a real key)' },
} as const

function sayToken(terminal: Terminal, token: ExaminedToken, vendor: ExaminedModule['vendor']): void {
  terminal.say()
  for (const rung of token.rungs) {
    sayRung(terminal, rung, vendor, '    ')
    if (rung.rung === 'pin' && vendor?.factoryPin !== undefined) {
      sayLines(terminal, ' '.repeat(bodyAt + 4), plain(terminal.words(vendor.factoryPin)))
    }
  }
  const sorted = [...token.certificates].sort((one, other) => rank(one) - rank(other))
  const numbers = new Map(sorted.map((certificate, index) => [certificate, index + 1] as const))
  for (const [certificate, number] of numbers) {
    const partner = sorted.find(
      each =>
        each !== certificate && each.keyId === certificate.pairedWith && each.intended[0] !== certificate.intended[0],
    )
    sayCertificate(terminal, certificate, number, partner === undefined ? null : (numbers.get(partner) ?? null))
  }
}

/** The keys people look for first, the CA's certificates last. */
function rank({ intended }: ExaminedCertificate): number {
  return intended.includes('sign') ? 0 : intended.includes('decrypt') ? 1 : 2
}

const statusWidth = 10
const nameWidth = 13

/** Where sentences begin, in columns behind the indent. */
const bodyAt = statusWidth + nameWidth

function sayRung(terminal: Terminal, rung: Rung, vendor: ExaminedModule['vendor'], indent: string): void {
  const status = cell(terminal.words(statusNames[rung.status]), statusWidth)
  const name = cell(terminal.words(rungNames[rung.rung]), nameWidth)
  sayLines(terminal, `${indent}${status}${name}`, terminal.words(findingWords(rung.finding)))
  const next = adviceFor(rung, vendor)
  if (next !== null) sayLines(terminal, `${indent}${' '.repeat(bodyAt)}→ `, terminal.words(next))
}

function sayCertificate(
  terminal: Terminal,
  certificate: ExaminedCertificate,
  number: number,
  partner: number | null,
): void {
  const { facts, label, intended } = certificate
  const head = `    ${String(number).padStart(2)}  `
  const use = intended.map(each => terminal.words(useWords[each])).join('、') || terminal.words(useWords.other)
  const first = `${head}${cell(use, 8)}  `
  const body = ' '.repeat(displayWidth(first))
  sayLines(terminal, first, plain(facts?.subject ?? label))
  for (const line of aboutCertificate(terminal, certificate, partner)) sayLines(terminal, body, line)
}

const useWords: Readonly<Record<'sign' | 'decrypt' | 'other', Words>> = {
  sign: { zh: '签名', en: 'sign' },
  decrypt: { zh: '加密', en: 'encrypt' },
  other: { zh: '其他', en: 'other' },
}

function aboutCertificate(
  terminal: Terminal,
  { facts, intended, reasons, usableFor, creditCodeAt, deviation, revocation }: ExaminedCertificate,
  partner: number | null,
): readonly string[] {
  const zh = terminal.language === 'zh'
  const lines: string[] = []
  if (facts !== null) {
    lines.push(`${facts.algorithm}  ${day(facts.validFrom)} – ${day(facts.validTo)}`)
    lines.push(`${zh ? '序列号' : 'serial'} ${facts.serial}`)
    if (intended.length > 0) lines.push(`${zh ? '签发者' : 'issued by'} ${plain(facts.issuer)}`)
    if (facts.creditCode !== null && creditCodeAt !== null) lines.push(creditCode(facts.creditCode, creditCodeAt, zh))
  }
  if (partner !== null) lines.push(zh ? `与证书 ${partner} 成对` : `pair with certificate ${partner}`)
  const named = reasons.map(reason =>
    reason === 'deviates' && deviation !== null ? deviationWords[deviation] : reasonWords[reason],
  )
  const list = named.map(words => terminal.words(words)).join(zh ? '；' : '; ')
  const uses = usableFor.map(use => (use === 'sign' ? (zh ? '签名' : 'signing') : zh ? '解密' : 'decrypting'))
  if (uses.length === 0) lines.push(`${zh ? '不可用：' : 'not usable: '}${list}`)
  else lines.push(`${zh ? '可用于' : 'usable for '}${uses.join(zh ? '、' : ', ')}${list === '' ? '' : ` (${list})`}`)
  if (usableFor.length > 0 && revocation?.status === 'not-checked') {
    lines.push(zh ? '是否被吊销：未核实' : 'revocation: not checked')
  }
  return lines
}

/** `subject 2.5.4.97` and `extension 1.2.…` in words. */
function creditCode(code: string, at: string, zh: boolean): string {
  const [place = '', number = ''] = at.split(' ')
  const where = zh ? (place === 'subject' ? '证书主题' : '证书扩展') : place
  return zh ? `统一社会信用代码 ${code}，在${where} ${number}` : `credit code ${code}, in the ${where} ${number}`
}

function sayLines(terminal: Terminal, head: string, text: string): void {
  for (const line of hanging(head, text)) terminal.say(line)
}

function conclusion({ modules }: DoctorReport): Words {
  const tokens = modules.flatMap(each => each.tokens)
  const able = tokens.filter(canSign)
  if (able.length === 0) return { zh: '结论：没有可以用来签名的锁。', en: 'In short: no lock here can sign.' }
  const names = able.map(({ label }) => plain(label))
  return {
    zh: `结论：可以用来签名的锁：${names.map(name => `「${name}」`).join('、')}。`,
    en: `In short: ${names.map(name => `“${name}”`).join(', ')} can sign.`,
  }
}
