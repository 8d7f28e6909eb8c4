import type { Column } from '../rehearsal/pdf/sheet.ts'
import type { SlipFacts, SlipLock } from './slip-facts.ts'

/** Most locks that are listed, so that the slip stays one page. */
const mostLocks = 3

/**
 * The seal slip (封标回执单): one A4 page, for the file and for the day of the opening. Chinese, whatever the language of the
 * program: it is shown to people who run an opening. In the given typeface (TrueType bytes).
 */
export async function renderSlip(facts: SlipFacts, typeface: Uint8Array, at: Date): Promise<Uint8Array> {
  // The PDF libraries take as long to start as most commands to run.
  const { openSheet } = await import('../rehearsal/pdf/sheet.ts')
  const sheet = await openSheet(typeface, `封标回执单　${facts.shortCode}`, at)
  sheet.title(`封标回执单　${facts.shortCode.replace(/(.{4})(?=.)/, '$1 ')}`)
  sheet.table(bidColumns, bidRows(facts))
  sheet.table(lockColumns, lockRows(facts))
  sheet.table(bringColumns, bringings(facts))
  return sheet.finish()
}

const bidColumns: readonly Column[] = [
  { title: '项目', share: 0.19 },
  { title: '内容（时间均为北京时间）', share: 0.81 },
]

function bidRows({ tender, bidder, ...facts }: SlipFacts): readonly (readonly string[])[] {
  return [
    ['封标编号', facts.sealId],
    ['封标摘要', grouped(facts.sealDigest)],
    ['项目名称', clipped(tender.title, 66)],
    ['招标编号', [tender.tenderId, tender.lotId].filter(each => each !== '').join('　标段 ')],
    ['项目代码与平台', [tender.projectCode, clipped(tender.platform, 24)].filter(each => each !== '').join('　')],
    ['投标人', `${clipped(bidder.name, 36)}　${bidder.creditCode}`],
    ['截止与开标', datesOf(tender)],
    [
      '封标时间与算法',
      `${beijing(facts.sealedAt)}（本机时钟）　${suites[facts.suite] ?? facts.suite}　${size(facts.size)}`,
    ],
    ...(facts.replaces === null ? [] : [['将替换', grouped(facts.replaces)]]),
  ]
}

const suites: Readonly<Record<string, string>> = { 'gm-1': '国密 gm-1', 'intl-1': '国际 intl-1' }

function datesOf({ deadline, openingTime, releaseEnds }: SlipFacts['tender']): string {
  return `截止 ${beijing(deadline)}，开标 ${beijing(openingTime)}，解密至 ${beijing(releaseEnds)}`
}

const lockColumns: readonly Column[] = [
  { title: '开标用锁', share: 0.13, align: 'center' },
  { title: '名称与证书持有者', share: 0.35 },
  { title: '证书序列号', share: 0.24 },
  { title: '有效期至', share: 0.14, align: 'center' },
  { title: '试解密', share: 0.14, align: 'center' },
]

function lockRows({ locks, hasRecoveryCode }: SlipFacts): readonly (readonly string[])[] {
  const shown = locks
    .slice(0, mostLocks)
    .map(({ role, label, subject, serial, notAfter, proved }) => [
      roles[role],
      [clipped(label, 14), clipped(subject, 20)].filter(each => each !== '').join('　'),
      grouped(serial),
      beijing(notAfter).slice(0, 10),
      role === 'agency' ? '另持一半' : proved ? '已通过' : '未试',
    ])
  const more = locks.length - mostLocks
  return [
    ...shown,
    ...(more > 0 ? [['其余', `另有 ${more} 把，见封标文件`, '', '', '']] : []),
    ...(hasRecoveryCode ? [['恢复码', '40 位，封标时另存', '', '', '未试']] : []),
  ]
}

const roles: Readonly<Record<SlipLock['role'], string>> = { main: '主锁', backup: '副锁', agency: '招标代理' }

const bringColumns: readonly Column[] = [
  { title: '', share: 0.07, align: 'center' },
  { title: '开标时请备好', share: 0.93 },
]

function bringings({ locks, hasRecoveryCode, hasPlainTwin, tender }: SlipFacts): readonly (readonly string[])[] {
  const own = locks.filter(({ role }) => role !== 'agency')
  const named = own
    .slice(0, 2)
    .map(({ role, label }) => `${roles[role]}${label === '' ? '' : `「${clipped(label, 14)}」`}`)
  const lines = [
    ...(named.length === 0
      ? []
      : [
          `${named.join('或')}${own.length > named.length ? '等' : ''}及其 PIN；换发新证书后仍须保留此锁，直至开标结束。`,
        ]),
    ...(hasRecoveryCode ? ['恢复码：锁在开标时不能用时凭码解密，请与锁分开保管，开标前不要告诉任何人。'] : []),
    ...(hasPlainTwin ? ['备用明文：与本封标文件同次生成，内容未加密，请密封保管，仅在招标文件规定的情形下提交。'] : []),
    `在 ${beijing(tender.openingTime)} 前登录平台签到；平台回执上的封标摘要与短码须与本单一致。`,
  ]
  return lines.map((line, index) => [String(index + 1), line])
}

/** In the time of all of China, whatever this computer is set to. */
function beijing(time: string): string {
  const moved = new Date(Date.parse(time) + 8 * 3_600_000)
  if (Number.isNaN(moved.getTime())) return ''
  return moved.toISOString().slice(0, 16).replace('T', ' ')
}

function grouped(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(' ') ?? ''
}

function clipped(text: string, length: number): string {
  // Marks that steer text have no place on paper, and the typeface none for them.
  const characters = [...text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')]
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`
}

function size(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} 字节`
}
