import type { TenderField, TenderForm } from '../../../crypto/index.ts'
import { fieldMisfit } from '../tenders/field-rules.ts'
import type { LibraryEntry, LibraryField } from './entry.ts'
import type { LibraryContents } from './library.ts'

/** What the library can fill in of a form. */
export interface LibraryFill {
  /** Values by field name. */
  readonly values: ReadonlyMap<string, string>
  /** Fields whose value in the library does not fit what the tender says of them; they are left alone. */
  readonly misfits: readonly string[]
}

/**
 * The values of the library for the fields of a form that are empty: by the field's name or its title, without regard to
 * spaces, punctuation and what stands in brackets, and by the usual other words for the same thing. Of several sources the
 * first that has it counts. Amounts are never filled: what a company once wrote is not this bid's price.
 */
export function fillFromLibrary(
  form: TenderForm,
  filled: ReadonlyMap<string, string>,
  sources: readonly (readonly LibraryField[])[],
): LibraryFill {
  const known = new Map<string, string>()
  for (const { name, value } of sources.flat()) {
    const key = meaning(name)
    if (!known.has(key)) known.set(key, value)
  }
  const values = new Map<string, string>()
  const misfits: string[] = []
  for (const field of form.fields) {
    if ((filled.get(field.name) ?? '').trim() !== '' || isAmount(field)) continue
    const value =
      known.get(meaning(field.name)) ?? (field.title === undefined ? undefined : known.get(meaning(field.title)))
    if (value === undefined) continue
    if (fieldMisfit(field, value) === null) values.set(field.name, value)
    else misfits.push(field.name)
  }
  return { values, misfits }
}

/**
 * Where values are taken from: the entry that was chosen, with its title under the words forms ask for it by (for a person
 * the post too: 项目经理), then the company's basic facts.
 */
export function librarySources(
  { company }: LibraryContents,
  entry: LibraryEntry | null,
): readonly (readonly LibraryField[])[] {
  if (entry === null) return [company]
  const named = (name: string): LibraryField => ({ name, value: entry.title })
  const posts = entry.fields.filter(({ name }) => ['职务', '岗位', '拟任职务', '拟任岗位'].includes(name))
  const titles = {
    person: [named('姓名'), ...posts.map(({ value }) => named(value))],
    project: [named('项目名称'), named('工程名称')],
    certificate: [named('证书名称')],
  }
  return [titles[entry.kind], entry.fields, company]
}

function isAmount({ kind }: TenderField): boolean {
  return kind === 'amount' || kind === 'amount-words'
}

/** Words for one thing; the first stands for all. */
const sameThings: readonly (readonly string[])[] = [
  [
    '企业名称',
    '单位名称',
    '公司名称',
    '投标人名称',
    '投标人',
    '投标单位',
    '投标单位名称',
    '供应商名称',
    '申请人名称',
    'bidder',
    'company',
  ],
  ['统一社会信用代码', '社会信用代码', '信用代码', '营业执照号', '营业执照注册号', 'creditcode'],
  ['法定代表人', '法定代表人姓名', '法人代表', '企业法定代表人', '单位负责人', 'legalrepresentative'],
  ['注册地址', '住所', '企业住所', '单位地址', '公司地址', '地址', 'address'],
  ['注册资本', '注册资金', 'registeredcapital'],
  ['成立日期', '成立时间', '设立日期', 'founded'],
  ['企业类型', '单位性质', '企业性质', '经济性质'],
  ['邮政编码', '邮编', 'postcode'],
  ['联系电话', '电话', '办公电话', 'telephone', 'phone'],
  ['电子邮箱', '电子邮件', '邮箱', 'email'],
  ['传真', '传真号码', 'fax'],
  ['开户银行', '开户行', '基本账户开户银行', 'bank'],
  ['银行账号', '账号', '基本账户账号', '开户账号', 'account'],
  ['项目经理', '项目经理姓名', '项目负责人', '拟派项目经理', '拟派项目负责人', 'manager', 'projectmanager'],
]

const firstOf = new Map(sameThings.flatMap(words => words.map(word => [word, words[0] ?? word] as const)))

function meaning(name: string): string {
  const bare = name
    .normalize('NFKC')
    .replace(/[(（【[][^)）】\]]*[)）】\]]/g, '')
    .replace(/[\s\p{P}\p{S}]/gu, '')
    .toLowerCase()
  return firstOf.get(bare) ?? bare
}
