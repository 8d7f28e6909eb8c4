import type { Deviation, PinState } from '../../crypto/index.ts'
import { processorName, systemNames, wordOf } from '../services/index.ts'
import type {
  CertificateReason,
  DoctorFinding,
  LibraryBuild,
  LibraryFault,
  RungName,
  RungStatus,
} from '../services/index.ts'
import { failureText } from './failure-text/index.ts'
import type { Words } from './language.ts'
import { plain, size } from './wording.ts'

/** The rungs by name. */
export const rungNames: Readonly<Record<RungName, Words>> = {
  device: { zh: '设备', en: 'device' },
  'driver-file': { zh: '驱动文件', en: 'driver file' },
  bitness: { zh: '驱动位数', en: 'word size' },
  loads: { zh: '加载驱动', en: 'loading' },
  slots: { zh: '识别锁', en: 'slots' },
  token: { zh: '锁', en: 'lock' },
  certificate: { zh: '证书', en: 'certificates' },
  usable: { zh: '可用于', en: 'usable for' },
  chain: { zh: '证书链', en: 'chain' },
  pin: { zh: 'PIN 码', en: 'PIN' },
}

/** A mark and a word: the state is never told by one alone. */
export const statusNames: Readonly<Record<RungStatus, Words>> = {
  ok: { zh: '✓ 正常', en: '✓ ok' },
  warning: { zh: '! 注意', en: '! note' },
  problem: { zh: '✗ 问题', en: '✗ problem' },
  'not-reached': { zh: '· 未查', en: '· –' },
}

/** What was found on a rung, in one sentence. */
export function findingWords(finding: DoctorFinding): Words {
  switch (finding.code) {
    case 'not-reached':
      return { zh: '前面的问题解决后才能检查。', en: 'Can be checked once the problem before it is solved.' }
    case 'device.seen': {
      const names = finding.usb.keys.map(({ name, id }) => (name === '' ? id : `${plain(name)} (${id})`))
      return { zh: `USB 口上有：${names.join('、')}。`, en: `At the USB ports: ${names.join(', ')}.` }
    }
    case 'device.none-known':
      return {
        zh: `USB 口上有 ${finding.usb.others} 个设备，没有认得的 CA 锁。`,
        en: `${finding.usb.others} devices are at the USB ports, none known as a CA key.`,
      }
    case 'device.none':
      return { zh: 'USB 口上没有设备。', en: 'No device is at the USB ports.' }
    case 'device.not-checked':
      return { zh: '这个系统上不检查 USB 设备。', en: 'USB devices are not checked on this system.' }
    case 'driver-file.none':
      return { zh: '本机没有找到任何 CA 锁驱动。', en: 'No driver of a CA key was found on this computer.' }
    case 'driver-file.library': {
      const both = finding.interfaces.map(each => (each === 'skf' ? 'SKF' : 'PKCS#11')).sort()
      return {
        zh: `${both.join(' 和 ')} 驱动库，${size(finding.bytes)}。`,
        en: `A ${both.join(' and ')} library, ${size(finding.bytes)}.`,
      }
    }
    case 'driver-file.no-interface':
      return {
        zh: '文件是动态库，但看不到 CA 锁驱动应有的函数。',
        en: 'The file is a library, but does not show the functions of a driver of CA keys.',
      }
    case 'driver-file.soft':
      return { zh: '软锁（.p12 文件），不需要驱动。', en: 'Soft locks (.p12 files); they need no driver.' }
    case 'driver-file.fault':
      return faultWords[finding.fault]
    case 'bitness.fits':
      return {
        zh: `${buildsZh(finding.builds)}，与本程序一致。`,
        en: `${buildsEn(finding.builds)}, as this program is.`,
      }
    case 'bitness.differs': {
      const { platform, arch } = finding.host
      const system = platform === 'win32' || platform === 'darwin' ? platform : 'linux'
      const ours: LibraryBuild = { system, word: wordOf(arch), processor: arch }
      return {
        zh: `驱动是 ${buildsZh(finding.builds)}的，本程序是 ${buildsZh([ours])}的，装不进来。`,
        en: `The driver is for ${buildsEn(finding.builds)}, this program is for ${buildsEn([ours])}: it cannot be loaded.`,
      }
    }
    case 'bitness.soft':
      return { zh: '与位数无关。', en: 'Word size does not matter here.' }
    case 'loads.ok': {
      const told = [finding.description, finding.manufacturer, finding.version].map(plain).filter(text => text !== '')
      const list = told.join(' · ')
      return list === ''
        ? { zh: '驱动已加载。', en: 'The driver is loaded.' }
        : { zh: `驱动已加载：${list}。`, en: `The driver is loaded: ${list}.` }
    }
    case 'loads.failed':
    case 'slots.failed':
    case 'pin.check-failed': {
      const { code, detail } = finding.failure
      const [zh, en] = [failureText(code, 'zh').message, failureText(code, 'en').message]
      return detail === undefined ? { zh, en } : { zh: `${zh}（${plain(detail)}）`, en: `${en} (${plain(detail)})` }
    }
    case 'slots.tokens':
      return {
        zh: `驱动认出 ${finding.count} 把锁。`,
        en: finding.count === 1 ? 'The driver sees 1 lock.' : `The driver sees ${finding.count} locks.`,
      }
    case 'slots.empty':
      return { zh: '驱动没有认出锁。', en: 'The driver sees no lock.' }
    case 'slots.not-the-one':
      return {
        zh: '驱动认出了锁，但没有 --token 指定的那一把。',
        en: 'The driver sees locks, but not the one of --token.',
      }
    case 'token.found': {
      const facts = [finding.model, finding.serial].map(plain).filter(text => text !== '')
      const tail = facts.length === 0 ? '' : ` · ${facts.join(' · ')}`
      return { zh: `「${plain(finding.label)}」${tail}`, en: `“${plain(finding.label)}”${tail}` }
    }
    case 'certificate.found':
      return {
        zh: `读到 ${finding.count} 张证书，其中 ${finding.identities} 张是用户证书。`,
        en: `${finding.count} certificates, ${finding.identities} of them the holder’s own.`,
      }
    case 'certificate.none':
      return { zh: '锁里没有用户证书。', en: 'The lock holds no certificate of its holder.' }
    case 'certificate.after-login':
      return { zh: '不输入 PIN 码看不到用户证书。', en: 'No certificate of the holder shows without the PIN.' }
    case 'usable.both':
      return { zh: '签名和解密。', en: 'Signing and decrypting.' }
    case 'usable.sign-only':
      return withReasons({ zh: '签名；不能解密', en: 'Signing; not decrypting' }, finding.reasons)
    case 'usable.decrypt-only':
      return withReasons({ zh: '解密；不能签名', en: 'Decrypting; not signing' }, finding.reasons)
    case 'usable.none':
      return withReasons({ zh: '不能签名，也不能解密', en: 'Neither signing nor decrypting' }, finding.reasons)
    case 'chain.trusted':
      return finding.revocation === 'good'
        ? { zh: '可信，未被吊销。', en: 'Trusted and not revoked.' }
        : { zh: '可信；是否被吊销未核实。', en: 'Trusted; whether it has been revoked was not checked.' }
    case 'chain.revoked':
      return { zh: '证书已被 CA 机构吊销。', en: 'A certificate has been revoked by its CA.' }
    case 'chain.untrusted':
      return {
        zh: '没有通到本机信任的根证书；能否用于投标以招标文件为准。',
        en: 'No way to a root this computer trusts; the tender decides whether it is accepted.',
      }
    case 'chain.not-judged':
      return { zh: '本机没有可对照的根证书，未核实。', en: 'Not judged: this computer has no roots to compare with.' }
    case 'pin.state':
      return pinWords(finding.pin)
    case 'pin.checked': {
      const { zh, en } = pinWords(finding.pin)
      if (finding.deviations.length === 0) {
        return { zh: `PIN 码正确，密钥试用正常。${zh}`, en: `The PIN is right and the keys work. ${en}` }
      }
      const named = finding.deviations.map(each => deviationWords[each])
      return {
        zh: `PIN 码正确，但密钥试用异常：${named.map(each => each.zh).join('；')}。`,
        en: `The PIN is right, but the keys do not work as they should: ${named.map(each => each.en).join('; ')}.`,
      }
    }
  }
}

/** Why a certificate cannot be used. */
export const reasonWords: Readonly<Record<CertificateReason, Words>> = {
  unreadable: { zh: '证书无法读取', en: 'it cannot be read' },
  authority: { zh: 'CA 机构的证书', en: 'a certificate of the CA' },
  expired: { zh: '已过有效期', en: 'it has expired' },
  'not-yet-valid': { zh: '尚未生效', en: 'it is not valid yet' },
  'no-key': { zh: '锁里没有它的私钥', en: 'its private key is not on the lock' },
  'wrong-usage': { zh: '密钥用途既非签名也非加密', en: 'its key usage is neither signing nor encryption' },
  'unsupported-key': { zh: '密钥种类不支持', en: 'its kind of key is not supported' },
  'no-credit-code': { zh: '证书里没有统一社会信用代码', en: 'it holds no credit code' },
  'ambiguous-credit-code': { zh: '证书里有几个不同的统一社会信用代码', en: 'it holds several different credit codes' },
  'other-credit-code': { zh: '与成对证书的统一社会信用代码不同', en: 'its credit code is not that of its pair' },
  untrusted: { zh: '不在本机信任的根证书之下', en: 'it is not under a root this computer trusts' },
  revoked: { zh: '已被吊销', en: 'it has been revoked' },
  deviates: { zh: '密钥试用异常', en: 'its key did not pass the check' },
}

/** What a library does otherwise. */
export const deviationWords: Readonly<Record<Deviation, Words>> = {
  refused: { zh: '驱动拒绝使用密钥', en: 'the driver refused to use a key' },
  'foreign-key': { zh: '签名用的是锁里另一把密钥', en: 'another key of the lock signed' },
  'hashed-again': { zh: '驱动把摘要又算了一次摘要', en: 'the driver hashes the digest again' },
  'stripped-zeros': { zh: '驱动丢掉了开头的零', en: 'the driver leaves out leading zeros' },
  'wrong-signature': { zh: '签名用证书验不过', en: 'a signature does not verify' },
  'wrong-plaintext': { zh: '解密结果不对', en: 'a decryption gave something else' },
}

const faultWords: Readonly<Record<LibraryFault, Words>> = {
  missing: { zh: '没有这个文件。', en: 'There is no such file.' },
  loop: { zh: '这个名字是一个绕回自己的链接。', en: 'The name is a link that leads back to itself.' },
  'not-a-file': { zh: '这个名字不是文件。', en: 'The name is no file.' },
  unreadable: { zh: '没有权限读取这个文件。', en: 'The file may not be read.' },
  empty: { zh: '文件是空的。', en: 'The file is empty.' },
  text: { zh: '文件是文本，不是驱动。', en: 'The file is a text, no driver.' },
  'not-a-library': { zh: '文件不是动态库。', en: 'The file is no library.' },
  damaged: { zh: '文件像是驱动，但已损坏或不完整。', en: 'The file looks like a driver, but is damaged or cut off.' },
}

function withReasons(head: Words, reasons: readonly CertificateReason[]): Words {
  if (reasons.length === 0)
    return { zh: `${head.zh}：没有这样的证书。`, en: `${head.en}: there is no such certificate.` }
  const named = reasons.map(reason => reasonWords[reason])
  return {
    zh: `${head.zh}：${named.map(each => each.zh).join('；')}。`,
    en: `${head.en}: ${named.map(each => each.en).join('; ')}.`,
  }
}

function pinWords({ state, triesLeft, protectedPath, isDefault }: PinState): Words {
  const states: Readonly<Record<PinState['state'], Words>> = {
    ok: { zh: 'PIN 码未锁', en: 'Not blocked' },
    'few-tries': { zh: 'PIN 码剩余次数不多', en: 'Few tries left' },
    'last-try': { zh: 'PIN 码只剩最后一次机会', en: 'ONE TRY LEFT' },
    locked: { zh: 'PIN 码已锁死', en: 'Blocked' },
    'not-set': { zh: '锁还没有设置 PIN 码', en: 'No PIN has been set' },
    unknown: { zh: '驱动不告知剩余次数', en: 'The driver does not tell how many tries are left' },
  }
  const zh = [states[state].zh]
  const en = [states[state].en]
  if (triesLeft !== undefined && state !== 'locked' && state !== 'last-try') {
    zh.push(`剩余 ${triesLeft} 次`)
    en.push(triesLeft === 1 ? '1 try left' : `${triesLeft} tries left`)
  }
  if (protectedPath) {
    zh.push('在锁上输入')
    en.push('typed on the lock')
  }
  if (isDefault === true) {
    zh.push('仍是出厂 PIN 码')
    en.push('still the one from the factory')
  }
  return { zh: `${zh.join('，')}。`, en: `${en.join(', ')}.` }
}

function buildsZh(builds: readonly LibraryBuild[]): string {
  return builds
    .map(({ system, word, processor }) => `${word} 位 ${systemNames[system]}（${processorNameZh(processor)}）`)
    .join('、')
}

function buildsEn(builds: readonly LibraryBuild[]): string {
  return builds
    .map(({ system, word, processor }) => `${word}-bit ${systemNames[system]} (${processorName(processor)})`)
    .join(' and ')
}

function processorNameZh(processor: string): string {
  return processor === 'other' ? '其他处理器' : processorName(processor)
}
