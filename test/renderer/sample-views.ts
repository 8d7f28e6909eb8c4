import type { BidId, JobId, LockId, QuestionId, SealId, TenderId, TenderName } from '../../main/contract/ids.ts'
import type {
  AppView,
  BidView,
  JobView,
  LockModuleView,
  LockView,
  OpeningView,
  SealedBidView,
  TenderView,
} from '../../main/contract/views.ts'

const hour = 3_600_000
const now = Date.now()
const at = (hours: number): string => new Date(now + hours * hour).toISOString()
const name = (text: string): TenderName => text as TenderName

/** Names of the kind main issues. */
export const ids = {
  tender: 'a3'.repeat(32) as TenderId,
  otherTender: 'b4'.repeat(32) as TenderId,
  bid: '11'.repeat(16) as BidId,
  seal: '6f1c2d3e-4a5b-4c6d-8e7f-9a0b1c2d3e4f' as SealId,
  lock: '22'.repeat(16) as LockId,
  backup: '33'.repeat(16) as LockId,
  job: '44'.repeat(16) as JobId,
  question: '55'.repeat(16) as QuestionId,
}

export const appView: AppView = {
  version: '0.1.0',
  language: 'zh-CN',
  electron: '25.1.1',
  practiceRuntime: false,
  hardwareCrypto: true,
}

export const lock: LockView = {
  lock: ids.lock,
  kind: 'pkcs11',
  practice: false,
  label: '公章锁 财务-03',
  manufacturer: '云南数字证书认证中心',
  serial: '5301004217',
  pin: { state: 'ok', triesLeft: 8, protectedPath: false },
  certificates: [certificate('sign', '3a1f09', 400), certificate('decrypt', '3a1f0a', 20)],
}

export const backupLock: LockView = {
  ...lock,
  lock: ids.backup,
  kind: 'soft',
  label: '演练副锁',
  manufacturer: '标封演练',
  serial: '0002',
  pin: { state: 'few-tries', triesLeft: 3, protectedPath: false },
  certificates: [certificate('sign', '77', 900), certificate('decrypt', '78', 900)],
}

export const modules: readonly LockModuleView[] = [
  { name: 'libynca-pkcs11.so', kind: 'pkcs11', locks: [lock], failure: null },
  { name: '演练副锁.p12', kind: 'soft', locks: [backupLock], failure: null },
  { name: 'libold-vendor.so', kind: 'pkcs11', locks: [], failure: { code: 'token.driver-crashed' } },
]

export const tender: TenderView = {
  tender: ids.tender,
  title: '滨河路道路改造工程施工（一标段）',
  projectCode: 'E5300001000001001',
  lotId: 'E5300001000001001001',
  platformId: 'yn-ggzy',
  platformAddress: 'https://platform.example.cn',
  signer: '云南省公共资源交易中心',
  deadline: at(26.3),
  openingTime: at(26.3),
  keyPolicy: 'bidder',
  documents: [
    { id: name('letter'), title: '投标函及投标函附录', required: true },
    { id: name('plan'), title: '施工组织设计', required: true },
    { id: name('boq'), title: '已标价工程量清单', required: true },
    { id: name('other'), title: '其他资料', required: false },
  ],
  forms: [
    {
      id: name('opening'),
      title: '开标一览表',
      part: 'opening',
      fields: [
        { name: name('bidder'), title: '投标人名称' },
        { name: name('price'), title: '投标总报价（元）' },
        { name: name('priceInWords'), title: '投标总报价（大写）' },
        { name: name('days'), title: '工期（日历天）' },
        { name: name('quality'), title: '质量标准' },
        { name: name('manager'), title: '项目经理' },
      ],
    },
  ],
  practice: false,
}

export const otherTender: TenderView = {
  ...tender,
  tender: ids.otherTender,
  title: '东风水库除险加固工程监理',
  projectCode: 'E5300002000007003',
  lotId: null,
  deadline: at(200),
}

export const emptyBid: BidView = {
  bid: ids.bid,
  tender: ids.tender,
  revision: 1,
  bidderName: '云岭建设集团有限公司',
  documents: [],
  forms: [],
  findings: [
    { level: 'fatal', code: 'document-missing', place: 'letter' },
    { level: 'fatal', code: 'document-missing', place: 'plan' },
    { level: 'fatal', code: 'field-missing', place: 'opening/price' },
    { level: 'advice', code: 'optional-missing', place: 'other' },
  ],
  sealed: null,
  sealedIsCurrent: false,
  lostOnItsWay: false,
}

export const fullBid: BidView = {
  ...emptyBid,
  revision: 9,
  documents: [
    { id: name('d1'), documentId: name('letter'), name: '投标函.pdf', size: 184_320 },
    {
      id: name('d2'),
      documentId: name('plan'),
      name: '施工组织设计（含进度网络图与主要机械设备表）.pdf',
      size: 48_234_496,
    },
    { id: name('d3'), documentId: name('boq'), name: '已标价工程量清单.pdf', size: 2_411_724 },
  ],
  forms: [
    {
      id: name('opening'),
      fields: [
        { name: name('bidder'), value: '云岭建设集团有限公司' },
        { name: name('price'), value: '28650000.00' },
        { name: name('priceInWords'), value: '贰仟捌佰陆拾伍万元整' },
        { name: name('days'), value: '365' },
        { name: name('quality'), value: '合格' },
        { name: name('manager'), value: '李建国' },
      ],
    },
  ],
  findings: [{ level: 'advice', code: 'optional-missing', place: 'other' }],
}

export const sealedBid: SealedBidView = {
  seal: ids.seal,
  tender: ids.tender,
  title: tender.title,
  shortCode: '7K3QX9MD',
  sealDigest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  size: 50_831_360,
  sealedAt: at(-1),
  state: 'sealed',
  recipients: [
    { role: 'main', label: '公章锁 财务-03', proved: true, revokedSince: null },
    { role: 'backup', label: '演练副锁', proved: false, revokedSince: null },
  ],
  signerRevocation: { status: 'good', asOf: at(-30), source: 'crl' },
  receipt: null,
  releasedAt: null,
  keyMayBeOut: false,
  record: null,
}

export const submittedBid: SealedBidView = {
  ...sealedBid,
  state: 'submitted',
  receipt: { kind: 'received', receivedAt: at(-0.5), sealDigest: sealedBid.sealDigest, size: sealedBid.size },
}

export const openedBid: SealedBidView = {
  ...submittedBid,
  state: 'opened',
  releasedAt: at(-0.2),
  keyMayBeOut: true,
  record: { serverTime: at(-0.1), state: 'opened', bids: 7, listHolds: true, confirmed: true },
}

export const openingView: OpeningView = {
  state: 'waiting',
  serverTime: at(0),
  openingTime: at(0.6),
  closesAt: at(1.6),
  bids: 7,
  released: 0,
}

export const job: JobView = {
  job: ids.job,
  kind: 'seal',
  state: 'running',
  stage: null,
  done: 0,
  total: 0,
  failure: null,
  seal: null,
}

function certificate(use: 'sign' | 'decrypt', serial: string, days: number): LockView['certificates'][number] {
  return {
    subject: 'C=CN,O=云岭建设集团有限公司,CN=云岭建设集团有限公司',
    issuer: 'C=CN,O=云南数字证书认证中心,CN=云南 CA 二级',
    serial,
    creditCode: '91530100MA6K4WJG7Q',
    notBefore: at(-24 * 300),
    notAfter: at(24 * days),
    algorithm: 'RSA 2048',
    uses: [use],
  }
}
