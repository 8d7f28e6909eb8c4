import type { DoctorFinding, ExaminedModule, Rung } from '../services/index.ts'
import { failureText } from './failure-text/index.ts'
import type { Words } from './language.ts'
import { plain } from './wording.ts'

/** The next step from a rung that is not in order; null where there is none. */
export function adviceFor({ status, finding }: Rung, vendor: ExaminedModule['vendor']): Words | null {
  if (status === 'ok' || finding.code === 'not-reached') return null
  switch (finding.code) {
    case 'loads.failed':
    case 'slots.failed':
    case 'pin.check-failed': {
      const { code } = finding.failure
      if (code === 'token.pin-locked' && vendor !== null) return unlock(vendor)
      return { zh: failureText(code, 'zh').next, en: failureText(code, 'en').next }
    }
    case 'pin.state':
      if (finding.pin.state === 'locked') return vendor === null ? askTheCa : unlock(vendor)
      return finding.pin.isDefault === true ? changeIt : mindTheTries
    case 'pin.checked':
      return finding.deviations.length > 0 ? tellTheCa : finding.pin.isDefault === true ? changeIt : mindTheTries
    case 'usable.none':
    case 'usable.sign-only':
    case 'usable.decrypt-only':
      return usableAdvice(finding)
    default:
      return advice[finding.code] ?? null
  }
}

function usableAdvice({ reasons }: Extract<DoctorFinding, { reasons: unknown }>): Words {
  if (reasons.includes('expired')) {
    return {
      zh: '请向发锁的 CA 机构续期，或换一把锁。',
      en: 'Have the certificate renewed by its CA, or use another lock.',
    }
  }
  if (reasons.includes('no-credit-code') || reasons.includes('other-credit-code')) {
    return {
      zh: '请让 CA 机构核对证书里的统一社会信用代码。',
      en: 'Have the CA check the credit code in the certificate.',
    }
  }
  return { zh: '请换一把锁，或联系发锁的 CA 机构。', en: 'Use another lock, or ask the CA that issued it.' }
}

/** Words of a vendor's profile are data from outside. */
function unlock({ unlock: words }: NonNullable<ExaminedModule['vendor']>): Words {
  return { zh: plain(words.zh), en: plain(words.en) }
}

const askTheCa: Words = {
  zh: '请由发锁的 CA 机构解锁；已封标的文件不受影响。',
  en: 'Have it unblocked by the CA that issued it; your sealed bids are not affected.',
}

const changeIt: Words = { zh: '请用 bidseal token pin 换掉出厂 PIN 码。', en: 'Change it with “bidseal token pin”.' }

const mindTheTries: Words = {
  zh: '输入前先核实 PIN 码；再错可能锁死。',
  en: 'Make sure of the PIN before you type it; wrong ones block the lock.',
}

const tellTheCa: Words = {
  zh: '请换一把锁，并把这份检查结果交给 CA 机构。',
  en: 'Use another lock, and give the CA this report.',
}

const advice: Readonly<Partial<Record<DoctorFinding['code'], Words>>> = {
  'device.none': { zh: '请插上 CA 锁；已插上的换一个 USB 口。', en: 'Plug the CA key in, or into another port.' },
  'device.none-known': {
    zh: '请确认锁已插好；已插好的看下面驱动的检查。',
    en: 'Make sure that the key is plugged in; if it is, what the drivers below say counts.',
  },
  'driver-file.none': {
    zh: '请安装 CA 机构的驱动，或用 --module 指定驱动文件。',
    en: 'Install the driver of your CA, or name its file with --module.',
  },
  'driver-file.no-interface': {
    zh: '请确认指定的是 CA 机构的驱动库，而不是它的附属文件。',
    en: 'Make sure that this is the CA’s driver and not a library beside it.',
  },
  'driver-file.fault': {
    zh: '请核对文件名，或重新安装 CA 机构的驱动。',
    en: 'Check the name, or install the driver of the CA again.',
  },
  'bitness.differs': {
    zh: '请向 CA 机构要与本程序一致的驱动。',
    en: 'Ask the CA for a driver for this system.',
  },
  'slots.empty': {
    zh: '请插上这个驱动的锁；已插上的可能要用另一版驱动。',
    en: 'Plug in a lock of this driver; one that is plugged in may need another version of it.',
  },
  'slots.not-the-one': {
    zh: '请插上那一把锁，或用 bidseal token list 核对名字。',
    en: 'Plug that lock in, or check its name with “bidseal token list”.',
  },
  'certificate.none': { zh: '请联系 CA 机构写入证书。', en: 'Ask the CA to put the certificates onto the lock.' },
  'certificate.after-login': {
    zh: '请加上 --pin-check 再检查一次。',
    en: 'Examine it again with --pin-check.',
  },
  'chain.revoked': { zh: '请换一把锁，或联系 CA 机构。', en: 'Use another lock, or ask the CA.' },
  'chain.untrusted': {
    zh: '请用 --trust 指定 CA 根证书再检查一次。',
    en: 'Examine it again with the CA’s root: --trust FILE.pem.',
  },
  'chain.not-judged': {
    zh: '请用 --trust 指定 CA 根证书再检查一次。',
    en: 'Examine it again with the CA’s root: --trust FILE.pem.',
  },
}
