import type { ReadinessLine, ReadinessReason } from '../services/index.ts'
import type { Words } from './language.ts'
import { day, duration, moment, plain } from './wording.ts'

type Facts = ReadinessLine['facts']
type Said = (facts: Facts) => Words

/** What was found, in one plain sentence, with what to do about it. */
export function readinessWords({ reason, facts }: Pick<ReadinessLine, 'reason' | 'facts'>): Words {
  return sentences[reason](facts)
}

/** The name of what was looked at. */
export const readinessNames: Readonly<Record<ReadinessLine['id'], Words>> = {
  bid: { zh: '投标文件', en: 'bid' },
  tender: { zh: '招标文件包', en: 'tender package' },
  receipt: { zh: '递交回执', en: 'receipt' },
  lock: { zh: '解密锁', en: 'lock that opens' },
  certificate: { zh: '加密证书', en: 'its certificate' },
  signer: { zh: '签名证书', en: 'signing certificate' },
  pin: { zh: 'PIN 码', en: 'PIN' },
  network: { zh: '网络', en: 'network' },
  clock: { zh: '时间', en: 'clock' },
  platform: { zh: '平台', en: 'platform' },
  dates: { zh: '开标时间', en: 'opening time' },
  stored: { zh: '平台存储', en: 'stored bid' },
}

const text = (facts: Facts, name: string): string => plain(String(facts[name] ?? ''))
const until = (facts: Facts): string => day(text(facts, 'notAfter'))
const seconds = (facts: Facts, name: string): string => (Math.abs(Number(facts[name] ?? 0)) / 1000).toFixed(1)
const apart = (facts: Facts, language: 'zh' | 'en'): string =>
  duration(Math.abs(Number(facts['offsetMs'] ?? 0)), language)
const said =
  (zh: string, en: string): Said =>
  () => ({ zh, en })

const sentences: Readonly<Record<ReadinessReason, Said>> = {
  'bid-stands': facts => ({
    zh: `${text(facts, 'shortCode')} 由本机递交，未撤回、未替换。`,
    en: `${text(facts, 'shortCode')} was delivered from this computer and stands.`,
  }),
  'bid-new-here': facts => ({
    zh: `本机没有递交过 ${text(facts, 'shortCode')}；开标时请与封标单上的识别码核对。`,
    en: `This computer did not deliver ${text(facts, 'shortCode')}; compare it with the seal slip at the opening.`,
  }),
  'bid-gone': said(
    '本机没有这份有效的投标文件（未递交、已撤回或已替换）；请用最后递交的那一份。',
    'No standing bid here under this name (never delivered, withdrawn or replaced); use the one delivered last.',
  ),
  'bid-damaged': said(
    '投标文件未通过核验；请换用另存的副本或文件头，并联系平台。',
    'The bid does not verify; use another copy or the header file, and call the platform.',
  ),
  'tender-kept': said('已保存在本机，签名有效。', 'Kept on this computer; its signature holds.'),
  'tender-fetched': said('已从平台取得并保存，签名有效。', 'Fetched from the platform and kept; its signature holds.'),
  'tender-missing': said(
    '本机没有招标文件包，也未能从平台取得；请先运行 tender verify 导入。',
    'It is not kept here and the platform did not give it; import it with tender verify.',
  ),
  'receipt-kept': facts => ({
    zh: `已保存，平台收到时间 ${moment(text(facts, 'receivedAt'))}。`,
    en: `Kept; the platform received the bid at ${moment(text(facts, 'receivedAt'))}.`,
  }),
  'receipt-missing': said(
    '本机没有回执；开标时将由平台重新出具。',
    'Not kept here; the platform hands it out again at the opening.',
  ),
  'lock-right': facts => ({
    zh: `「${text(facts, 'label')}」已插入，是这份文件的${facts['role'] === 'backup' ? '副锁' : '主锁'}。`,
    en: `“${text(facts, 'label')}” is plugged in; it is the bid's ${facts['role'] === 'backup' ? 'second' : 'main'} lock.`,
  }),
  'lock-wrong': facts => ({
    zh: `插入的锁打不开这份文件；请插入：${text(facts, 'needed')}。`,
    en: `This lock does not open the bid; plug in: ${text(facts, 'needed')}.`,
  }),
  'lock-absent': facts => ({
    zh: `没有找到锁；请插入：${text(facts, 'needed')}，并用 token doctor 检查驱动。`,
    en: `No lock of this name is plugged in; plug in: ${text(facts, 'needed')}, or run token doctor.`,
  }),
  'lock-hidden': said(
    '锁在，但证书要输入 PIN 码后才可见，此处不尝试；请用 token doctor --pin-check 核对。',
    'The lock is there, but shows its certificates only after the PIN, which is not tried here; run token doctor --pin-check.',
  ),
  'lock-unreadable': said(
    '驱动或锁没有应答；请重新插拔，并运行 token doctor。',
    'The driver or the lock does not answer; plug it in again and run token doctor.',
  ),
  'certificate-same': facts => ({
    zh: `与封标时的证书一致，有效期至 ${until(facts)}。`,
    en: `The one the bid was sealed to, valid until ${until(facts)}.`,
  }),
  'certificate-renewed': facts => ({
    zh: `证书已更新，密钥未变，可以解密；有效期至 ${until(facts)}。`,
    en: `Renewed on the same key, so it opens the bid; valid until ${until(facts)}.`,
  }),
  'certificate-expires': facts => ({
    zh: `开标前到期（${until(facts)}），密钥仍可解密；请勿删除或更换密钥。`,
    en: `It ends before the opening (${until(facts)}); its key still opens the bid: do not delete or replace it.`,
  }),
  'signer-valid': facts => ({
    zh: `属于投标人，开标期间有效（至 ${until(facts)}）。`,
    en: `The bidder's, and valid throughout the opening (until ${until(facts)}).`,
  }),
  'signer-expires': facts => ({
    zh: `开标期间失效（有效期至 ${until(facts)}）；请在开标前办理更新，或用 --sign 指定另一把锁签名。`,
    en: `Not valid throughout the opening (until ${until(facts)}); renew it before, or sign with another lock (--sign).`,
  }),
  'signer-other': facts => ({
    zh: `锁属于其他单位；需要 ${text(facts, 'needed')} 的锁。`,
    en: `The lock is another company's; one of ${text(facts, 'needed')} is needed.`,
  }),
  'signer-missing': said(
    '锁中没有签名证书；请用 --sign 指定签名的锁。',
    'The lock has no signing certificate; name the lock that signs with --sign.',
  ),
  'pin-ok': facts => ({
    zh: facts['triesLeft'] === undefined ? '状态正常。' : `状态正常，剩余 ${text(facts, 'triesLeft')} 次。`,
    en: facts['triesLeft'] === undefined ? 'In order.' : `In order, ${text(facts, 'triesLeft')} tries left.`,
  }),
  'pin-untold': said(
    '驱动不报告剩余次数；没有把握时请勿连续尝试。',
    'The driver does not tell how many tries are left; do not guess.',
  ),
  'pin-pad': said('在锁的键盘或驱动窗口中输入。', 'Typed on the lock itself or in its own window.'),
  'pin-default': said(
    '仍是出厂 PIN 码；请用 token pin 修改。',
    'Still the one it was shipped with; change it with token pin.',
  ),
  'pin-few': facts => ({
    zh: `剩余次数不多${facts['triesLeft'] === undefined ? '' : `（${text(facts, 'triesLeft')} 次）`}；请先核实 PIN 码。`,
    en: `Few tries are left${facts['triesLeft'] === undefined ? '' : ` (${text(facts, 'triesLeft')})`}; make sure of the PIN.`,
  }),
  'pin-last': said(
    '只剩最后一次机会，再错即锁死；请在开标前向 CA 机构核实或重置。',
    'One try is left, another wrong PIN blocks the lock; have the CA confirm or reset it before the opening.',
  ),
  'pin-locked': said(
    '已锁死；请立即联系 CA 机构解锁，或改用副锁。',
    'Blocked; have the CA unlock it now, or use the second lock.',
  ),
  'pin-not-set': said('尚未设置；请联系 CA 机构。', 'Not set; call the CA.'),
  'network-up': facts => ({
    zh: `平台有应答（${text(facts, 'ms')} 毫秒）。`,
    en: `The platform answers (${text(facts, 'ms')} ms).`,
  }),
  'network-down': said(
    '平台没有应答；请检查网络和代理（network test），或换一条网络。',
    'The platform does not answer; check network and proxy (network test), or use another connection.',
  ),
  'clock-close': facts => ({
    zh: `与服务器时间相差 ${seconds(facts, 'offsetMs')} 秒（误差 ±${seconds(facts, 'uncertaintyMs')} 秒，平台已签名）；倒计时以服务器时间为准。`,
    en: `${seconds(facts, 'offsetMs')} s from the server's signed time (±${seconds(facts, 'uncertaintyMs')} s); the server's time counts.`,
  }),
  'clock-apart': facts => ({
    zh: `本机时间${Number(facts['offsetMs']) > 0 ? '慢' : '快'} ${apart(facts, 'zh')}；倒计时以服务器时间为准，请校准本机时间。`,
    en: `This computer is ${apart(facts, 'en')} ${Number(facts['offsetMs']) > 0 ? 'slow' : 'fast'}; the server's time counts, but set the clock.`,
  }),
  'clock-unsigned': facts => ({
    zh: `与服务器时间相差 ${seconds(facts, 'offsetMs')} 秒（误差 ±${seconds(facts, 'uncertaintyMs')} 秒）；平台未对时间签名。`,
    en: `${seconds(facts, 'offsetMs')} s from the server's time (±${seconds(facts, 'uncertaintyMs')} s), which the platform does not sign.`,
  }),
  'clock-untold': said(
    '未能取得可信的服务器时间；请以平台页面显示的时间为准。',
    'The server’s time could not be had; go by the platform’s own page.',
  ),
  'platform-ready': facts => ({
    zh: facts['state'] === 'open' ? '开标已经开始，请立即解密。' : '平台已安排本次开标。',
    en:
      facts['state'] === 'open'
        ? 'The opening has begun: open the bid now.'
        : 'The platform has this opening on its list.',
  }),
  'platform-closed': said(
    '开标已经结束；请联系招标人。',
    'The opening has closed; call the party that runs the tender.',
  ),
  'platform-unknown': said(
    '平台没有这个项目；请核对平台地址。',
    'The platform does not run this tender; check its address.',
  ),
  'dates-stand': facts => ({
    zh: `${moment(text(facts, 'openingTime'))}，未变更。`,
    en: `${moment(text(facts, 'openingTime'))}, unchanged.`,
  }),
  'dates-moved': facts => ({
    zh: `经平台签名通知延至 ${moment(text(facts, 'openingTime'))}。`,
    en: `Moved by a signed notice to ${moment(text(facts, 'openingTime'))}.`,
  }),
  'stored-same': said('平台存储的文件头与本机逐字节一致。', 'The header the platform stores is ours, byte for byte.'),
  'stored-not-shown': said(
    '平台不提供文件头；以回执为准。',
    'The platform does not show the header; its receipt stands for it.',
  ),
  'stored-other': said(
    '平台存储的不是本机递交的文件；请立即联系平台，保留本条信息。',
    'What the platform stores is not what was delivered; call the platform now and keep this message.',
  ),
  'not-reached': said('前一项未通过，暂不能检查。', 'Could not be looked at, because something before it is missing.'),
}
