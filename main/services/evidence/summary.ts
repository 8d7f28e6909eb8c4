import type { Column } from '../rehearsal/pdf/sheet.ts'
import type { PackagedBid } from './bid-facts.ts'
import type { Conclusion, JudgedAttempt } from './judgement.ts'
import { acts, caution, conclusionWords, meaningWords, ruleWords, sideWords } from './summary-words.ts'

/** What a summary is written from. */
export interface SummaryFacts {
  readonly about: PackagedBid
  readonly attempts: readonly JudgedAttempt[]
  readonly conclusion: Conclusion
  /** Entries of the journal about this bid, and of the whole journal. */
  readonly kept: number
  readonly lines: number
  readonly signedHeads: number
  /** Whether the package as a whole is signed. */
  readonly signed: boolean
  readonly files: readonly string[]
}

/** Most attempts that are listed one by one; then the successful ones are only counted, then the first are left out. */
const mostListed = 300

/**
 * The summary of an evidence package for people: which bid, what the log says on whose side each failed attempt was, and
 * what the package holds. Chinese; in the given typeface (TrueType bytes).
 */
export async function renderSummary(facts: SummaryFacts, typeface: Uint8Array, at: Date): Promise<Uint8Array> {
  // The PDF libraries take as long to start as most commands to run.
  const { openSheet } = await import('../rehearsal/pdf/sheet.ts')
  const { about, attempts, conclusion } = facts
  const sheet = await openSheet(typeface, `存证摘要　${about.bid.shortCode}`, at)
  sheet.title('存证摘要')
  sheet.table(bidColumns, bidRows(facts, at))
  sheet.heading('按本日志的结论')
  sheet.paragraph(`${conclusionWords[conclusion.outcome]}${becauseText(conclusion)}`)
  sheet.gap(8)
  sheet.heading('失败或没有答复的尝试')
  const failed = attempts.filter(({ rule }) => rule !== 'done')
  if (failed.length === 0) sheet.paragraph('日志中没有失败的尝试。')
  else sheet.table(attemptColumns, failed.slice(-mostListed).map(attemptRow))
  if (failed.length > mostListed)
    sheet.paragraph(`更早的 ${failed.length - mostListed} 次未列出，见 journal/lines.jsonl。`)
  sheet.gap(8)
  sheet.heading('成功的动作')
  const done = attempts.filter(({ rule }) => rule === 'done')
  if (done.length === 0) sheet.paragraph('日志中没有成功的动作。')
  else sheet.table(doneColumns, done.slice(-mostListed).map(doneRow))
  sheet.gap(8)
  sheet.heading('包内文件')
  sheet.table(fileColumns, fileRows(facts))
  sheet.heading('说明')
  for (const line of caution) sheet.paragraph(line)
  sheet.closing(`制作时间（本机时钟）：${beijing(at.toISOString())}`)
  return sheet.finish()
}

const bidColumns: readonly Column[] = [
  { title: '项目', share: 0.2 },
  { title: '内容（时间均为北京时间）', share: 0.8 },
]

function bidRows({ about, ...facts }: SummaryFacts, at: Date): readonly (readonly string[])[] {
  const { bid, tender, terms, receivedAt } = about
  const { title, tenderId, lotId = '', projectCode, platformId } = tender.fields
  const ids = [tenderId, lotId].filter(each => each !== '').join('　标段 ')
  return [
    ['封标短码', bid.shortCode.replace(/(.{4})(?=.)/, '$1 ')],
    ['封标编号', bid.header.sealId],
    ['封标摘要', grouped(bid.sealDigest)],
    ['项目名称', clean(title)],
    ['招标编号', clean(ids)],
    ['项目代码与平台', clean([projectCode, platformId].filter(each => each !== '').join('　'))],
    ['投标人', clean(`${bid.header.bidder.name}　${bid.header.bidder.creditCode}`)],
    [
      '截止与开标',
      `截止 ${beijing(terms.deadline)}，开标 ${beijing(terms.openingTime)}，解密至 ${beijing(terms.closesAt)}`,
    ],
    ['平台收到', receivedAt === null ? '没有回执' : beijing(receivedAt)],
    ['日志', `共 ${facts.lines} 条，关于本标 ${facts.kept} 条；锁签名 ${facts.signedHeads} 次`],
    ['整包签名', facts.signed ? `由投标人的锁签名，${beijing(at.toISOString())}` : '未签名：导出时没有用锁'],
  ]
}

const attemptColumns: readonly Column[] = [
  { title: '日志', share: 0.08, align: 'right' },
  { title: '时间', share: 0.17 },
  { title: '动作', share: 0.13 },
  { title: '日志所记', share: 0.3 },
  { title: '哪一侧', share: 0.1, align: 'center' },
  { title: '按本日志', share: 0.22 },
]

function attemptRow(attempt: JudgedAttempt): readonly string[] {
  const said = attempt.platformSays === undefined ? '' : `；平台称：“${clean(attempt.platformSays)}”`
  return [
    String(attempt.n),
    timeText(attempt),
    acts[attempt.act] ?? clean(attempt.act),
    `${ruleWords[attempt.rule]}；代码 ${clean(attempt.code)}${said}`,
    sideWords[attempt.side],
    meaningWords(attempt.meaning, attempt.phase),
  ]
}

const doneColumns: readonly Column[] = [
  { title: '日志', share: 0.1, align: 'right' },
  { title: '时间', share: 0.35 },
  { title: '动作', share: 0.55 },
]

function doneRow(attempt: JudgedAttempt): readonly string[] {
  return [String(attempt.n), timeText(attempt), acts[attempt.act] ?? clean(attempt.act)]
}

const fileColumns: readonly Column[] = [
  { title: '文件', share: 0.45 },
  { title: '是什么', share: 0.55 },
]

function fileRows({ files }: SummaryFacts): readonly (readonly string[])[] {
  return fileWords.flatMap(([pattern, words]) => {
    const found = files.filter(name => pattern.test(name))
    const [first] = found
    return first === undefined ? [] : [[found.length === 1 ? first : `${first} 等 ${found.length} 个`, words]]
  })
}

const fileWords: readonly (readonly [RegExp, string])[] = [
  [/^bid\/bid\.header$/, '封标文件头：加密信封、封标清单、投标人签名'],
  [/^tender\//, '招标文件包的 tender.json 及其签名'],
  [/^platform\/notice-/, '平台就招标文件包发布的公告'],
  [/^platform\/receipt/, '平台的递交回执'],
  [/^platform\/withdrawal/, '平台的撤回回执'],
  [/^platform\/replaced-by/, '替换它的投标文件的回执'],
  [/^platform\/challenge/, '平台的解密指令'],
  [/^bidder\/release/, '投标人提交的解密密钥（仅给平台开标证书）'],
  [/^platform\/release-receipt/, '平台对解密密钥的回执'],
  [/^platform\/record/, '开标记录'],
  [/^bidder\/(submit|withdraw|sign-in)\./, '投标人签名的递交、撤回、签到'],
  [/^bidder\/(confirm|objection)/, '投标人对开标记录的确认或异议'],
  [/\.tsr$/, '时间戳'],
  [/^journal\/(lines|chain)/, '日志中关于本标的条目，与全部条目的摘要链'],
  [/^journal\/heads\//, '锁在关键时刻对日志的签名'],
  [/^certificates\//, '证书链'],
  [/^revocation\//, '证书吊销列表与 OCSP 答复'],
  [/^(verify\.sh|README\.txt)$/, '不用本软件的核验方法'],
  [/^(manifest|SHA256SUMS)/, '全部文件的摘要'],
]

function becauseText({ because }: Conclusion): string {
  if (because.length === 0) return ''
  const shown = because.slice(0, 12).join('、')
  return `依据日志第 ${shown} 条${because.length > 12 ? `等 ${because.length} 条` : ''}。`
}

function timeText({ at, timeOf }: JudgedAttempt): string {
  return `${beijing(at, 19)}${timeOf === 'platform' ? '' : '（本机）'}`
}

/** In the time of all of China, whatever this computer is set to. */
function beijing(time: string, length = 16): string {
  const moved = new Date(Date.parse(time) + 8 * 3_600_000)
  return Number.isNaN(moved.getTime()) ? '' : moved.toISOString().slice(0, length).replace('T', ' ')
}

function grouped(hex: string): string {
  return hex.match(/.{1,8}/g)?.join(' ') ?? ''
}

/** Marks that steer text have no place on paper, and the typeface none for them. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 300)
}
