import type { NewerPackage, PackageChange } from '../contract/failure.ts'
import type { Addendum, ChangeArea } from '../services/index.ts'
import type { Language, Words } from './language.ts'
import type { Terminal } from './terminal.ts'
import { hanging } from './wrap.ts'
import { moment, plain, size } from './wording.ts'

/** The differences between two packages, one a line; what is too long for the terminal goes on below. */
export function changeLines(changes: readonly PackageChange[], language: Language): readonly string[] {
  return changes.flatMap(change => {
    const head = `  ${marks[change.change][language]} ${(known[change.area] ?? { zh: change.area, en: change.area })[language]}  `
    const about = [change.id, change.title].filter(text => text !== '').join(' ')
    return hanging(
      head,
      plain([about, differenceOf(change, language)].filter(text => text !== '').join(language === 'zh' ? '：' : ': ')),
    )
  })
}

/** Says that a bid's package has been amended, and how. */
export function sayAddendum(terminal: Terminal, { newest, steps, changes }: Addendum): void {
  const { packageDigest, fields } = newest
  const lines = addendumLines({ packageDigest, publishedAt: fields.publishedAt, steps, changes }, terminal.language)
  for (const line of lines) terminal.say(line)
}

/** That there is a later package, and how it differs, one difference a line. */
export function addendumLines(addendum: NewerPackage, language: Language): readonly string[] {
  const { packageDigest, publishedAt, steps, changes } = addendum
  const digest = packageDigest.slice(0, 16)
  const published = moment(publishedAt)
  const head = {
    zh: `招标文件已有更新的补遗（${published} 发布，包摘要 ${digest}…${steps > 1 ? `，中间共 ${steps} 次` : ''}），与本投标文件所依据的不同：`,
    en: `There is a later package of this tender (published ${published}, digest ${digest}…${steps > 1 ? `, ${steps} packages later` : ''}); it differs from the one this bid is made for:`,
  }
  return [head[language], ...(changes.length === 0 ? [nothing[language]] : changeLines(changes, language))]
}

/** For two packages that ask for the same. */
export const nothing: Words = { zh: '  没有影响投标的变化。', en: '  nothing that touches a bid has changed.' }

function differenceOf({ property, from, to }: PackageChange, language: Language): string {
  if (property === null) return ''
  const name = properties[property]?.[language] ?? property
  const [before, after] = [shown(property, from, language), shown(property, to, language)]
  return `${name} ${before} → ${after}`
}

function shown(property: string, value: string | null, language: Language): string {
  if (value === null || value === '') return language === 'zh' ? '（无）' : '(none)'
  if (['deadline', 'openingTime'].includes(property)) return moment(value)
  if (['fileBytes', 'bidBytes', 'size'].includes(property)) return size(Number(value))
  if (property === 'digest') return `${value.slice(0, 16)}…`
  if (value === 'true' || value === 'false') return answers[value][language]
  return value.length > longest ? `${value.slice(0, longest)}…` : value
}

/** Longest value shown, in characters; the package itself has the whole of it. */
const longest = 60

const answers: Readonly<Record<'true' | 'false', Words>> = {
  true: { zh: '是', en: 'yes' },
  false: { zh: '否', en: 'no' },
}

const marks: Readonly<Record<PackageChange['change'], Words>> = {
  added: { zh: '新增', en: 'added  ' },
  removed: { zh: '取消', en: 'removed' },
  changed: { zh: '变更', en: 'changed' },
  moved: { zh: '调序', en: 'moved  ' },
}

const areas: Readonly<Record<ChangeArea, Words>> = {
  date: { zh: '时间', en: 'dates' },
  fact: { zh: '项目信息', en: 'project' },
  document: { zh: '投标文件组成', en: 'document' },
  form: { zh: '表单', en: 'form' },
  field: { zh: '表单项', en: 'form field' },
  clause: { zh: '评审条款', en: 'clause' },
  limit: { zh: '大小上限', en: 'size limit' },
  attachment: { zh: '附件', en: 'attachment' },
  certificate: { zh: '平台证书', en: 'platform certificate' },
  ca: { zh: '接受的 CA', en: 'accepted CA' },
  suite: { zh: '密码套件', en: 'suite' },
  'key-policy': { zh: '加密方式', en: 'encryption' },
  remedy: { zh: '补救措施', en: 'remedy' },
  trace: { zh: '机器特征', en: 'machine traces' },
  signer: { zh: '签名者', en: 'signer' },
}

/** A later version of this program may name areas this one does not know. */
const known: Readonly<Partial<Record<string, Words>>> = areas

const properties: Readonly<Partial<Record<string, Words>>> = {
  deadline: { zh: '投标截止', en: 'deadline' },
  openingTime: { zh: '开标时间', en: 'opening' },
  releaseMinutes: { zh: '解密时限（分钟）', en: 'minutes to release the key' },
  title: { zh: '名称', en: 'title' },
  projectCode: { zh: '项目代码', en: 'project code' },
  platformId: { zh: '平台', en: 'platform' },
  tenderId: { zh: '招标项目编号', en: 'tender' },
  lotId: { zh: '标段', en: 'lot' },
  required: { zh: '必须', en: 'required' },
  signers: { zh: '签字人', en: 'signers' },
  seal: { zh: '盖章', en: 'seal' },
  maxPages: { zh: '页数上限', en: 'page limit' },
  parent: { zh: '上级文件', en: 'stands under' },
  group: { zh: '分册', en: 'volume' },
  order: { zh: '顺序', en: 'place' },
  part: { zh: '所在部分', en: 'part' },
  kind: { zh: '类型', en: 'kind' },
  of: { zh: '对应金额项', en: 'amount it repeats' },
  min: { zh: '最小值', en: 'least value' },
  max: { zh: '最大值', en: 'greatest value' },
  maxLength: { zh: '字数上限', en: 'longest text' },
  choices: { zh: '可选值', en: 'choices' },
  unit: { zh: '单位', en: 'unit' },
  weight: { zh: '分值', en: 'points' },
  text: { zh: '内容', en: 'text' },
  documents: { zh: '对应文件', en: 'documents' },
  fileBytes: { zh: '单个文件', en: 'one file' },
  bidBytes: { zh: '投标文件', en: 'whole bid' },
  size: { zh: '大小', en: 'size' },
  digest: { zh: '内容摘要', en: 'digest' },
  keyPolicy: { zh: '密钥', en: 'key policy' },
  parts: { zh: '分段', en: 'parts' },
  rule: { zh: '规则', en: 'rule' },
  subject: { zh: '证书主体', en: 'subject' },
}
