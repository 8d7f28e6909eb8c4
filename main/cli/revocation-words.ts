import type { RefreshedSource, RevocationFacts } from '../services/index.ts'
import type { Language, Words } from './language.ts'
import { moment, plain, shortName } from './wording.ts'

/** One line about the revocation of a certificate: what is known, as of when, and by what. */
export function revocationLine(facts: RevocationFacts, language: Language): string {
  const zh = language === 'zh'
  if (facts.status === 'not-checked') return notChecked[facts.why][language]
  const source = facts.source === 'crl' ? 'CRL' : 'OCSP'
  const asOf = moment(facts.asOf)
  if (facts.status === 'good')
    return zh ? `未吊销（截至 ${asOf}，${source}）` : `not revoked (as of ${asOf}, ${source})`
  const since = moment(facts.since)
  return zh
    ? `已于 ${since} 吊销（截至 ${asOf}，${source}）`
    : `revoked since ${since} (as of ${asOf}, ${source}: ${facts.reason})`
}

/** A row for each certificate: the label once, then whose it is and what is known. */
export function revocationRows(
  revocation: readonly RevocationFacts[],
  language: Language,
): readonly (readonly [string, string])[] {
  const label = language === 'zh' ? '吊销' : 'revocation'
  return revocation.map((facts, index) => {
    const whose = plain(shortName(facts.subject))
    const said = revocationLine(facts, language)
    return [index === 0 ? label : '', language === 'zh' ? `${whose}：${said}` : `${whose}: ${said}`]
  })
}

/** A remark about an address nothing came of; null where something did. */
export function troubleLine({ kind, address, outcome }: RefreshedSource, language: Language): string | null {
  if (outcome === 'newer' || outcome === 'same') return null
  const trouble = troubles[outcome][language]
  return language === 'zh'
    ? `${things[kind].zh}：${trouble}  ${plain(address)}`
    : `${things[kind].en}: ${trouble}  ${plain(address)}`
}

const notChecked: Readonly<Record<'none' | 'unusable' | 'unsupported', Words>> = {
  none: { zh: '未检查吊销状态', en: 'revocation not checked' },
  unusable: {
    zh: '未检查吊销状态：手头的吊销信息不是该时间的、不是签发者的或不能读取',
    en: 'revocation not checked: what is at hand is of another time, not the issuer’s, or unreadable',
  },
  unsupported: {
    zh: '未检查吊销状态：签发者只提供增量或间接吊销列表，本程序不判断',
    en: 'revocation not checked: the issuer publishes delta or indirect lists, which are not judged here',
  },
}

const things: Readonly<Record<RefreshedSource['kind'], Words>> = {
  crl: { zh: '吊销列表', en: 'revocation list' },
  ocsp: { zh: 'OCSP', en: 'OCSP' },
  issuer: { zh: '签发者证书', en: 'issuer certificate' },
}

const troubles: Readonly<Record<Exclude<RefreshedSource['outcome'], 'newer' | 'same'>, Words>> = {
  older: { zh: '比本机已有的旧，未采用', en: 'older than the one at hand, not taken' },
  unusable: { zh: '不是该签发者签名的有效内容，未采用', en: 'nothing the issuer has signed, not taken' },
  address: { zh: '地址不合规定，未访问', en: 'the address is not one to be asked' },
  unreachable: { zh: '没有取到（无应答或超时）', en: 'no answer in time' },
  refused: { zh: '对方未提供', en: 'not given by the server' },
  'too-long': { zh: '过长，未采用', en: 'too long, not taken' },
}
