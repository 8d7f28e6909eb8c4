import { join } from 'node:path'
import { bytesSource, toBase64 } from '../../../crypto/index.ts'
import type { Clock, Suite, Tender } from '../../../crypto/index.ts'
import { readTenderPackage } from '../../platform/index.ts'
import { loadPlatformKeys, makeTenderPackage } from '../../practice/index.ts'
import type { TenderSpec } from '../../practice/index.ts'
import { writeFileAtomic } from '../../store/index.ts'
import { rehearsalDocuments } from './documents.ts'
import type { RehearsalFolders } from './folders.ts'
import { project } from './project.ts'

/** When a rehearsal's tender closes and opens, and what it asks of keys. */
export interface TenderTerms {
  /** The deadline and the opening, at one time as the law wants it. */
  readonly openingTime: Date
  readonly keyPolicy: 'bidder' | 'split'
  readonly remedy: 'none' | 'recovery-code'
  /** Whether its documents must bear the bidder's signature (签章). */
  readonly signed: boolean
  /** What it asks for; the rehearsal's documents unless told otherwise. */
  readonly documents?: TenderSpec['documents']
}

export interface PracticeTender {
  readonly tender: Tender
  readonly path: string
  readonly packageBytes: Uint8Array
}

const gibibyte = 2 ** 30

function practiceDocuments(seal: boolean): TenderSpec['documents'] {
  return [
    ...rehearsalDocuments.map(({ documentId, title }) => ({ id: documentId, title, required: true, seal })),
    { id: 'other', title: '其他资料', required: false },
  ]
}

/** Makes the tender, signed by the practice platform and for its suite, and writes it into the rehearsal's folder. */
export async function makePracticeTender(
  folders: RehearsalFolders,
  root: Uint8Array,
  terms: TenderTerms,
  clock: Clock,
): Promise<PracticeTender> {
  const keys = await loadPlatformKeys(folders.platform)
  const notice = { path: 'attachments/招标公告.txt', bytes: new TextEncoder().encode(noticeText(terms)) }
  const packageBytes = await makeTenderPackage({ keys, clock }, specOf(root, keys.suite, terms, clock), [notice])
  const path = join(folders.tender, `${project.title}${project.lot}.tender`)
  await writeFileAtomic(path, packageBytes)
  return { ...(await readTenderPackage(bytesSource(packageBytes))), path, packageBytes }
}

function specOf(
  root: Uint8Array,
  suite: Suite,
  { openingTime, keyPolicy, remedy, signed, documents = practiceDocuments(signed) }: TenderTerms,
  clock: Clock,
): TenderSpec {
  const time = openingTime.toISOString()
  return {
    tenderId: 'E5300001000001001',
    lotId: 'E5300001000001001001',
    projectCode: project.projectCode,
    title: `${project.title}（${project.lot}）`,
    publishedAt: clock.now().toISOString(),
    deadline: time,
    openingTime: time,
    releaseMinutes: 60,
    limits: { fileBytes: 8 * gibibyte - 1, bidBytes: 8 * gibibyte },
    suites: [suite.id],
    acceptedCas: [toBase64(root)],
    documents,
    forms: [
      {
        id: 'opening',
        title: '开标一览表',
        part: 'opening',
        fields: [
          { name: 'bidder', title: '投标人名称', required: true },
          { name: 'price', title: '投标总报价（元）', required: true, kind: 'amount' },
          { name: 'priceInWords', title: '投标总报价（大写）', required: true, kind: 'amount-words', of: 'price' },
          { name: 'days', title: '工期（日历天）', required: true, kind: 'integer' },
          { name: 'quality', title: '质量标准', required: true },
          { name: 'manager', title: '项目经理', required: true },
        ],
      },
    ],
    clauses: [
      { id: '2.1', title: '资格评审标准' },
      { id: '2.2', title: '施工组织设计评审标准' },
      { id: '2.3', title: '投标报价评审标准' },
    ],
    keyPolicy,
    parts: 'separate',
    remedy: { kind: remedy },
    traces: [],
  }
}

function noticeText({ openingTime }: TenderTerms): string {
  return [
    `${project.title}（${project.lot}）招标公告（演练）`,
    `招标人：${project.tenderee}`,
    `项目代码：${project.projectCode}`,
    `投标截止及开标时间：${openingTime.toISOString()}`,
    '',
  ].join('\n')
}
