import type { GuardCode, GuardFinding, GuardLevel } from '../services/index.ts'
import type { Language, Words } from './language.ts'
import { moment, plain } from './wording.ts'

/** How much a finding matters, for people. */
export const guardLevelWords: Readonly<Record<GuardLevel, Words>> = {
  urgent: { zh: '紧急', en: 'Urgent' },
  warning: { zh: '注意', en: 'Warning' },
  note: { zh: '提示', en: 'Note' },
}

/** What was found and what to do about it, in the language of the user. */
export function guardSentences(
  { code, about, when }: GuardFinding,
  language: Language,
): { readonly what: string; readonly next: string } {
  const { what, next } = texts[code]
  const filled = (words: Words): string =>
    words[language].replaceAll('{about}', plain(about)).replaceAll('{when}', when === undefined ? '' : moment(when))
  return { what: filled(what), next: filled(next) }
}

interface Text {
  readonly what: Words
  readonly next: Words
}

const texts: Readonly<Record<GuardCode, Text>> = {
  'record-damaged': {
    what: {
      zh: '封标记录 {about} 已损坏，读不出来。',
      en: 'The record of sealed bid {about} is damaged and cannot be read.',
    },
    next: {
      zh: '封标文件本身不受影响：请用 bidseal inspect 查看文件，并用它递交或开标。',
      en: 'The sealed file itself is unharmed: look at it with bidseal inspect, and submit or open it by the file.',
    },
  },
  'header-missing': {
    what: {
      zh: '找不到封标文件，无法确认它要用哪把锁打开。',
      en: 'The sealed file cannot be found, so it is not known which locks open it.',
    },
    next: {
      zh: '请把封标文件放回原处，或找出封标回执单核对锁名。',
      en: 'Put the sealed file back where it was, or look for the lock’s name on the seal slip.',
    },
  },
  'file-missing': {
    what: {
      zh: '尚未递交的封标文件不在原处；截止时间 {when}。',
      en: 'The sealed file is not where it was written and has not been submitted; the deadline is {when}.',
    },
    next: {
      zh: '请找到文件，用 bidseal submit 递交，或重新封标。',
      en: 'Find it and submit it with bidseal submit, or seal again.',
    },
  },
  'not-submitted': {
    what: { zh: '尚未递交，截止时间 {when}。', en: 'Not submitted yet; the deadline is {when}.' },
    next: {
      zh: '请现在用 bidseal submit 递交，并等到显示回执核验无误。',
      en: 'Submit it now with bidseal submit, and wait until the receipt is verified.',
    },
  },
  'deadline-passed': {
    what: {
      zh: '截止时间 {when} 已过，没有递交成功的回执。',
      en: 'The deadline {when} has passed and there is no receipt.',
    },
    next: {
      zh: '若当时已发送，请再执行一次 bidseal submit，平台会告知是否已收到。',
      en: 'If it was on its way, run bidseal submit once more: the platform says whether it has it.',
    },
  },
  'addendum-newer': {
    what: {
      zh: '封标之后导入了新的招标文件（补遗 {about}），此标是按旧文件封的；截止时间 {when}。',
      en: 'A later tender package ({about}) was imported after sealing: this bid was sealed for the earlier one. Deadline {when}.',
    },
    next: {
      zh: '请用 bidseal tender diff 查看变化，按新文件重新封标并递交，以替换此标。',
      en: 'Look at the changes with bidseal tender diff, seal for the new package and submit that in its place.',
    },
  },
  'opening-near': {
    what: { zh: '已递交，{when} 开标。', en: 'Delivered; it is opened at {when}.' },
    next: {
      zh: '请准备好锁和 PIN，开标前 30 分钟做一次就绪检查。',
      en: 'Have the lock and its PIN ready, and test readiness 30 minutes before.',
    },
  },
  'opening-now': {
    what: { zh: '正在开标，解密须在 {when} 前完成。', en: 'The opening is under way; keys are taken until {when}.' },
    next: { zh: '请插好锁，现在执行 bidseal open。', en: 'Plug in the lock and run bidseal open now.' },
  },
  'opening-missed': {
    what: {
      zh: '解密时间已于 {when} 结束，本机没有解密成功的记录。',
      en: 'The time for keys ended at {when}, and this computer knows of no release.',
    },
    next: {
      zh: '若在别的电脑上已解密，不必理会；否则请查看开标记录，需要时导出存证。',
      en: 'Nothing is to be done if it was opened from another computer; else look at the opening record and export the evidence.',
    },
  },
  'no-lock-here': {
    what: {
      zh: '{when} 就要开标，能打开此标的锁（{about}）一把都没有插好。',
      en: 'The opening is at {when}, and none of the locks that open this bid ({about}) is here.',
    },
    next: {
      zh: '请现在找到并插好其中一把，再执行 bidseal guard list。',
      en: 'Find one of them now, plug it in and run bidseal guard list again.',
    },
  },
  'lock-absent': {
    what: {
      zh: '锁「{about}」不在本机；它能打开此标（开标 {when}）。',
      en: 'The lock “{about}” is not here; it opens this bid (opening {when}).',
    },
    next: {
      zh: '请妥善保管这把锁；插好后再执行 bidseal guard list，可确认密钥仍在。',
      en: 'Keep it safe; plug it in and run bidseal guard list again to see that its key is still there.',
    },
  },
  'lock-renewed': {
    what: {
      zh: '锁「{about}」的证书已更新，密钥没有变，仍能打开此标。',
      en: 'The certificate of the lock “{about}” was renewed on the same key: it still opens this bid.',
    },
    next: { zh: '不必处理。', en: 'Nothing to do.' },
  },
  'lock-new-key': {
    what: {
      zh: '锁「{about}」里的加密密钥已经换新，新密钥打不开此标（开标 {when}）。',
      en: 'The encryption key in the lock “{about}” is a new one: it does not open this bid (opening {when}).',
    },
    next: {
      zh: '旧锁或旧容器请保留到开标之后，不要清除；截止前也可用新密钥重新封标并递交替换。',
      en: 'Keep the old lock or container until after the opening and let nobody clear it; before the deadline, sealing again for the new key and submitting that is the other way.',
    },
  },
  'pin-locked': {
    what: {
      zh: '锁「{about}」的 PIN 已锁死，{when} 开标时不能用。',
      en: 'The PIN of the lock “{about}” is blocked; it cannot be used at the opening ({when}).',
    },
    next: {
      zh: '请立即到 CA 机构解锁，或准备好副锁。',
      en: 'Have the certificate authority unblock it now, or get the backup lock ready.',
    },
  },
  'pin-last-try': {
    what: { zh: '锁「{about}」的 PIN 只剩一次机会。', en: 'One PIN try is left on the lock “{about}”.' },
    next: {
      zh: '确认 PIN 之前不要再试；请到 CA 机构重置，或准备好副锁。',
      en: 'Do not try again before the PIN is certain; have the authority reset it, or get the backup lock ready.',
    },
  },
  'certificate-expires-early': {
    what: {
      zh: '锁「{about}」的加密证书 {when} 到期，早于开标结束。',
      en: 'The encryption certificate of the lock “{about}” expires at {when}, before the opening is over.',
    },
    next: {
      zh: '续期时请要求保留原密钥；换了新密钥，旧锁要保留到开标之后。',
      en: 'Ask for a renewal on the same key; if the key changes, keep the old lock until after the opening.',
    },
  },
  'certificate-expires-soon': {
    what: {
      zh: '锁「{about}」的加密证书 {when} 到期，开标若推迟就可能过期。',
      en: 'The encryption certificate of the lock “{about}” expires at {when}; it may be over if the opening is put off.',
    },
    next: {
      zh: '开标之前不要更换密钥；续期请保留原密钥。',
      en: 'Do not change the key before the opening; renew on the same key.',
    },
  },
  'certificate-revoked': {
    what: {
      zh: '锁「{about}」的加密证书已于 {when} 吊销。',
      en: 'The encryption certificate of the lock “{about}” was revoked at {when}.',
    },
    next: {
      zh: '密钥仍能打开此标，请确认锁在手中；若已遗失，请在截止前用另一把锁重新封标并替换。',
      en: 'Its key still opens the bid: make sure that you have the lock. If it is lost, seal for another lock and replace the bid before the deadline.',
    },
  },
  'signing-expires': {
    what: {
      zh: '本机的签名证书（{about}）{when} 到期，早于开标结束，到时不能签署解密授权。',
      en: 'The signing certificate here ({about}) expires at {when}, before the opening is over: it could not sign the release.',
    },
    next: {
      zh: '请在开标前续期签名证书；同一单位信用代码的任何有效签名证书都可以。',
      en: 'Renew it before the opening; any valid signing certificate with the company’s credit code will do.',
    },
  },
  'signer-revoked': {
    what: {
      zh: '签署此标的证书（{about}）已于 {when} 吊销。',
      en: 'The certificate that signed this bid ({about}) was revoked at {when}.',
    },
    next: {
      zh: '在吊销之前已递交并有回执的，效力不变；尚未递交的，请换用有效证书重新封标。',
      en: 'A bid received before that stands; one that is not delivered must be sealed again with a valid certificate.',
    },
  },
  'authority-changed': {
    what: {
      zh: '本机签名证书换了签发机构（{about}），新机构也在招标文件认可之列。',
      en: 'The signing certificate here comes from another authority now ({about}), which the tender accepts too.',
    },
    next: { zh: '不必处理；旧锁请保留到开标之后。', en: 'Nothing to do; keep the old lock until after the opening.' },
  },
  'authority-not-accepted': {
    what: {
      zh: '本机签名证书的签发机构（{about}）不在招标文件认可之列，开标时签署会被拒绝。',
      en: 'The authority of the signing certificate here ({about}) is none that the tender accepts: its signature would be refused at the opening.',
    },
    next: {
      zh: '请使用招标文件认可的 CA 机构签发、同一单位信用代码的签名证书。',
      en: 'Use a signing certificate of an authority that the tender accepts, with the same credit code.',
    },
  },
}
