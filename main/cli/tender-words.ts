import { certificateFacts, documentTree, flattened, projectCodeKind, tenderRemarks } from '../services/index.ts'
import type { ProjectCodeKind, TenderRemarkCode } from '../services/index.ts'
import type { Tender, TenderField } from '../../crypto/index.ts'
import type { Words } from './language.ts'
import type { Terminal } from './terminal.ts'
import { hanging } from './wrap.ts'
import { grouped, moment, plain, size, table } from './wording.ts'

/** What a tender asks, as `tender verify` and `tender import` print it with `--json`. */
export function tenderJson(tender: Tender): Readonly<Record<string, unknown>> {
  const { fields, packageDigest, signature } = tender
  return {
    packageDigest,
    platformId: fields.platformId,
    tenderId: fields.tenderId,
    lotId: fields.lotId ?? '',
    projectCode: fields.projectCode,
    projectCodeKind: projectCodeKind(fields.projectCode),
    title: fields.title,
    publishedAt: fields.publishedAt,
    deadline: fields.deadline,
    openingTime: fields.openingTime,
    keyPolicy: fields.keyPolicy,
    parts: fields.parts,
    remedy: fields.remedy.kind,
    suites: fields.suites,
    limits: fields.limits,
    acceptedCas: casOf(tender),
    documents: fields.documents,
    forms: fields.forms,
    clauses: fields.clauses,
    traces: fields.traces,
    traceRule: fields.traceRule ?? null,
    attachments: fields.attachments,
    supersedes: fields.supersedes ?? null,
    remarks: tenderRemarks(tender),
    signer: certificateFacts(signature.signer),
  }
}

/** Prints who signed a tender, its dates, and what it asks for. */
export function sayTender(terminal: Terminal, tender: Tender): void {
  const { fields, packageDigest, signature } = tender
  const zh = terminal.language === 'zh'
  terminal.say(plain(fields.title))
  const code = projectCodeKind(fields.projectCode)
  const rows: (readonly [string, string])[] = [
    [zh ? '签名' : 'signature', `${zh ? '已核验' : 'verified'}  ${plain(certificateFacts(signature.signer).subject)}`],
    [zh ? '发布时间' : 'published', moment(fields.publishedAt)],
    [zh ? '投标截止' : 'deadline', moment(fields.deadline)],
    [zh ? '开标时间' : 'opening', moment(fields.openingTime)],
    [zh ? '项目代码' : 'project code', `${plain(fields.projectCode)}  ${terminal.words(codeKinds[code])}`.trim()],
    [zh ? '标段' : 'tender, lot', plain(`${fields.tenderId}  ${fields.lotId ?? ''}`)],
    [zh ? '补救措施' : 'remedy', fields.remedy.kind],
    [zh ? '密钥' : 'key policy', fields.keyPolicy],
    [zh ? '大小上限' : 'limits', `${size(fields.limits.fileBytes)} / ${size(fields.limits.bidBytes)}`],
    [zh ? '接受的 CA' : 'accepted CAs', plain(casOf(tender).join(zh ? '、' : '; '))],
    [zh ? '包摘要' : 'package digest', grouped(packageDigest)],
    ...(fields.supersedes === undefined ? [] : [[zh ? '修改的包' : 'amends', grouped(fields.supersedes)] as const]),
  ]
  for (const line of table(rows)) terminal.say(line)
  sayDocuments(terminal, tender)
  sayForms(terminal, tender)
  sayClauses(terminal, tender)
  sayTraces(terminal, tender)
  for (const { code: remark, about } of tenderRemarks(tender)) {
    terminal.say(`  ${zh ? '注意' : 'note '}  ${terminal.words(remarks[remark])}  ${plain(about)}`)
  }
}

/** The accepted authorities by the names the tender gives them, else by their certificates. */
function casOf({ fields, anchors }: Tender): readonly string[] {
  return fields.acceptedCaNames ?? anchors.map(certificate => certificateFacts(certificate).subject)
}

function sayDocuments(terminal: Terminal, { fields }: Tender): void {
  const zh = terminal.language === 'zh'
  terminal.say(zh ? '文件：' : 'documents:')
  let group: string | undefined
  for (const { document, depth } of flattened(documentTree(fields.documents))) {
    const { id, title, required, maxPages, seal, signers = [] } = document
    if (depth === 0 && document.group !== group) {
      group = document.group
      if (group !== undefined) terminal.say(`  ${plain(group)}`)
    }
    const asks = [
      ...(maxPages === undefined ? [] : [zh ? `≤${maxPages} 页` : `≤${maxPages} pages`]),
      ...(seal === true ? [zh ? '盖章' : 'seal'] : []),
      ...(signers.length === 0 ? [] : [`${zh ? '签字' : 'signed by'} ${signers.join(zh ? '、' : ', ')}`]),
    ]
    const head = `  ${required ? (zh ? '必须' : 'must') : zh ? '可选' : 'may '}  ${'  '.repeat(depth)}`
    const text = `${plain(id)}  ${plain(title)}${asks.length === 0 ? '' : `  （${plain(asks.join('，'))}）`}`
    for (const line of hanging(head, zh ? text : text.replace(/（(.*)）$/, '($1)').replaceAll('，', ', ')))
      terminal.say(line)
  }
}

function sayForms(terminal: Terminal, { fields }: Tender): void {
  const zh = terminal.language === 'zh'
  terminal.say(zh ? '表单：' : 'forms:')
  for (const { id, title = '', fields: inside } of fields.forms) {
    terminal.say(`  ${plain(id)}  ${plain(title)}`)
    for (const field of inside) {
      const label = field.title === undefined || field.title === field.name ? '' : `  ${plain(field.title)}`
      const head = `    ${field.required === true ? '*' : ' '} `
      for (const line of hanging(head, `${plain(field.name)}${label}${askedOf(field, zh)}`)) terminal.say(line)
    }
  }
}

/** What a field takes, where that is more than any text. */
function askedOf({ kind, min, max, maxLength, choices, unit, of }: TenderField, zh: boolean): string {
  const asks = [
    ...(kind === undefined || kind === 'text' ? [] : [(zh ? fieldKinds[kind] : undefined) ?? kind]),
    ...(of === undefined ? [] : [`= ${of}`]),
    ...(min === undefined ? [] : [`≥ ${min}`]),
    ...(max === undefined ? [] : [`≤ ${max}`]),
    ...(maxLength === undefined ? [] : [zh ? `≤ ${maxLength} 字` : `≤ ${maxLength} characters`]),
    ...(choices === undefined ? [] : [choices.join(' / ')]),
    ...(unit === undefined ? [] : [unit]),
  ]
  return asks.length === 0 ? '' : `  [${plain(asks.join(zh ? '，' : ', '))}]`
}

function sayClauses(terminal: Terminal, { fields }: Tender): void {
  if (fields.clauses.length === 0) return
  const zh = terminal.language === 'zh'
  terminal.say(zh ? '评审条款：' : 'evaluation clauses:')
  for (const { id, title, weight, documents = [] } of fields.clauses) {
    const points = weight === undefined ? '' : zh ? `  ${weight} 分` : `  ${weight} points`
    const answered = documents.length === 0 ? '' : `  → ${documents.join(', ')}`
    for (const line of hanging(`  ${plain(id)}  `, plain(`${title}${points}${answered}`))) terminal.say(line)
  }
}

function sayTraces(terminal: Terminal, { fields }: Tender): void {
  if (fields.traces.length === 0 && fields.traceRule === undefined) return
  const zh = terminal.language === 'zh'
  const names = fields.traces.join(zh ? '、' : ', ')
  const { text = '', basis } = fields.traceRule ?? {}
  const rule = basis === undefined ? text : zh ? `${text}（${basis}）` : `${text} (${basis})`
  const head = zh ? '机器特征：' : 'machine traces: '
  for (const line of hanging(head, plain([names, rule].filter(text => text !== '').join(zh ? '。' : '. '))))
    terminal.say(line)
}

const codeKinds: Readonly<Record<ProjectCodeKind, Words>> = {
  'investment-project': { zh: '（投资项目统一代码）', en: '(investment project code)' },
  'tender-number': { zh: '（招标项目编号）', en: '(tender number)' },
  'trade-identifier': { zh: '（统一交易标识码）', en: '(trade identifier)' },
  none: { zh: '（无）', en: '(none)' },
  unknown: { zh: '', en: '' },
}

const fieldKinds: Readonly<Partial<Record<string, string>>> = {
  amount: '金额',
  'amount-words': '大写金额',
  date: '日期',
  integer: '整数',
  choice: '选择',
}

const remarks: Readonly<Record<TenderRemarkCode, Words>> = {
  'project-code-form': {
    zh: '项目代码不是已知的形式（投资项目统一代码如 2026-530000-48-01-018437），请核对',
    en: 'the project code has no form we know (such as 2026-530000-48-01-018437); look twice',
  },
  'document-parent': { zh: '文件的上级不存在，按独立文件处理', en: 'the document stands under nothing that is there' },
  'clause-document': { zh: '条款所指的文件不存在', en: 'the clause names a document that is not asked for' },
  'field-of': { zh: '所对应的金额项不存在', en: 'the amount it repeats is not in the form' },
  'field-choices': { zh: '选择项没有列出可选值', en: 'a choice without anything to choose from' },
  'names-of-cas': { zh: 'CA 名称的个数与 CA 证书不符', en: 'names of CAs and their certificates differ in number' },
  'opening-before-deadline': { zh: '开标时间早于投标截止', en: 'the opening is before the deadline' },
}
