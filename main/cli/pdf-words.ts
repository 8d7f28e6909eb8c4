import type { ChainFacts, CoverageReport, PdfReport, SignatureReport, StampReport } from '../services/index.ts'
import { failureText } from './failure-text/index.ts'
import type { Language, Words } from './language.ts'
import { revocationRows } from './revocation-words.ts'
import { cell, displayWidth, moment, plain, shortName, size } from './wording.ts'
import { hanging } from './wrap.ts'

/** The signatures of a document, in lines of a terminal. */
export function pdfLines(file: string, report: PdfReport, language: Language): readonly string[] {
  const zh = language === 'zh'
  const { signatures, failure } = report
  const holding = signatures.filter(({ holds }) => holds).length
  const head = failure === null ? (zh ? '验签通过  ' : 'Holds  ') : zh ? '验签未通过  ' : 'Does not hold  '
  const count = zh ? `${holding}/${signatures.length} 个签名有效` : `${holding} of ${signatures.length} signatures hold`
  return [
    ...hanging(head, `${plain(file)}  ${size(report.size)}  ${signatures.length === 0 ? words.none[language] : count}`),
    ...(report.unread === null ? [] : hanging('  ', `${words.unread[language]} ${plain(report.unread)}`)),
    ...signatures.flatMap((signature, index) => signatureLines(signature, index + 1, language)),
    ...(signatures.length > 0 && !signatures.some(isOverAll) ? hanging('  ', words.notWhole[language]) : []),
  ]
}

function signatureLines(signature: SignatureReport, number: number, language: Language): readonly string[] {
  const zh = language === 'zh'
  const { signer, claims, timestamp, chain } = signature
  const name = signer === null ? words.unknown[language] : plain(shortName(signer.subject))
  const kind = kinds[signature.kind][language]
  const rows: readonly (readonly [string, string])[] = [
    [zh ? '结论' : 'verdict', verdictWords(signature, language)],
    ...(signer === null ? [] : [[zh ? '签发者' : 'issuer', plain(shortName(signer.issuer))] as const]),
    ...(signer === null || signer.creditCode === null
      ? []
      : [[zh ? '信用代码' : 'credit code', signer.creditCode] as const]),
    ...(claims.time === null ? [] : [[zh ? '签名时间' : 'signed at', claimedTime(claims.time, language)] as const]),
    ...(timestamp === null ? [] : [[zh ? '时间戳' : 'time stamp', stampWords(timestamp, language)] as const]),
    [zh ? '覆盖范围' : 'covers', coverageWords(signature.covers, language)],
    ...(chain === null ? [] : [[zh ? '证书' : 'certificate', chainWords(chain, language)] as const]),
    ...revocationRows(signature.revocation.slice(0, 1), language),
    ...(claims.reason === null ? [] : [[zh ? '事由' : 'reason', plain(claims.reason)] as const]),
    ...(claims.location === null ? [] : [[zh ? '地点' : 'location', plain(claims.location)] as const]),
  ]
  const width = Math.max(...rows.map(([label]) => displayWidth(label)))
  return [
    ...hanging(`  ${number}  `, `${name}${kind === '' ? '' : `  ${kind}`}  ${plain(signature.name)}`),
    ...rows.flatMap(([label, value]) => hanging(`     ${cell(label, width)}  `, value)),
  ]
}

/** Valid mathematics over every byte, whoever the signer is. */
function isOverAll({ verdict, covers }: SignatureReport): boolean {
  return verdict === 'valid' && covers.kind === 'whole-file'
}

function verdictWords({ holds, verdict, detail, chain, covers }: SignatureReport, language: Language): string {
  if (holds) return words.holds[language]
  if (verdict !== 'valid') {
    const said = verdicts[verdict][language]
    return detail === undefined ? said : `${said} (${plain(detail)})`
  }
  if (chain?.ok === false) return words.untrusted[language]
  return covers.kind === 'revision' && covers.forbidden ? words.forbidden[language] : words.altered[language]
}

function claimedTime(time: string, language: Language): string {
  return `${moment(time)}${language === 'zh' ? '（签名人电脑的时间，未经证明）' : ' (by the signer’s own clock)'}`
}

function stampWords({ verdict, time, authority, chain }: StampReport, language: Language): string {
  const zh = language === 'zh'
  if (verdict !== 'valid' || time === undefined)
    return verdict === 'not-read' ? words.stampUnread[language] : words.stampBroken[language]
  const by = plain(authority ?? '')
  const trusted = chain?.ok === true ? (zh ? '受信任' : 'trusted') : zh ? '不在信任列表' : 'not trusted'
  return zh ? `${moment(time)}  ${by}（${trusted}）` : `${moment(time)}  ${by} (${trusted})`
}

function coverageWords(covers: CoverageReport, language: Language): string {
  const zh = language === 'zh'
  if (covers.kind === 'whole-file') return zh ? '整个文件' : 'the whole file'
  if (covers.kind === 'broken') return zh ? '不是本文件的内容' : 'not the bytes of this file'
  const later = covers.changes.map(change => changes[change][language]).join(zh ? '、' : ', ')
  const bytes = size(covers.followedBy)
  if (later === '')
    return zh
      ? `签名时的文件；其后加了 ${bytes}，不改变内容`
      : `the file as it was then; ${bytes} were added that change nothing`
  return zh ? `签名时的文件；其后加了 ${bytes}：${later}` : `the file as it was then; ${bytes} were added: ${later}`
}

function chainWords(chain: ChainFacts, language: Language): string {
  if (chain.ok) return language === 'zh' ? `受信任（按 ${moment(chain.at)}）` : `trusted (as of ${moment(chain.at)})`
  return failureText(chain.code, language).message
}

const words = {
  none: { zh: '没有签名', en: 'no signature' },
  unread: { zh: '未读取文件内的签名：', en: 'Signatures inside were not read:' },
  unknown: { zh: '签名人不明', en: 'signer unknown' },
  holds: { zh: '有效', en: 'holds' },
  untrusted: { zh: '签名与内容相符，但证书不可信', en: 'fits the content, but its certificate is not trusted' },
  forbidden: { zh: '签名后作了签名人不允许的改动', en: 'changed afterwards in a way the signer had forbidden' },
  altered: { zh: '签名后页面内容被改动', en: 'the content was changed afterwards' },
  stampBroken: { zh: '无效', en: 'does not hold' },
  stampUnread: { zh: '本程序不判断这种时间戳', en: 'of a form that is not judged here' },
  notWhole: {
    zh: '注意：没有签名覆盖整个文件；最后一次签名之后加入的内容无人签名。',
    en: 'Note: no signature covers the whole file; what was added last was signed by nobody.',
  },
} as const satisfies Readonly<Record<string, Words>>

const kinds: Readonly<Record<SignatureReport['kind'], Words>> = {
  signature: { zh: '', en: '' },
  'document-timestamp': { zh: '文档时间戳', en: 'document time stamp' },
  detached: { zh: '文件外的签名', en: 'detached' },
}

const verdicts: Readonly<Record<Exclude<SignatureReport['verdict'], 'valid'>, Words>> = {
  changed: { zh: '无效：签名后内容被改动', en: 'does not hold: the content was changed after it' },
  broken: { zh: '无效', en: 'does not hold' },
  'not-read': { zh: '本程序不判断这种签名', en: 'of a form that is not judged here' },
}

const changes: Readonly<Record<Extract<CoverageReport, { kind: 'revision' }>['changes'][number], Words>> = {
  signatures: { zh: '签名', en: 'signatures' },
  annotations: { zh: '批注或印章', en: 'annotations or stamps' },
  form: { zh: '表单填写', en: 'form entries' },
  metadata: { zh: '文件属性', en: 'metadata' },
  content: { zh: '页面内容', en: 'content of pages' },
}
