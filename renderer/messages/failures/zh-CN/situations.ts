import type { SituationTexts } from '../situation.ts'

const keyMayBeOut = '解密密钥此前已经送出或正在送出，不能收回；本机的递交回执完好，是您的凭证。'

/** What is said of a failure where its usual words would not be true. */
export const situations: SituationTexts = {
  'withdraw-late': {
    what: '已过投标截止时间，平台不再受理撤回。',
    safe: '投标文件没有撤回，递交仍然有效；本机的封标文件和回执完好。',
    next: '请按时参加开标；如有疑问，请与招标人或其代理联系。',
  },
  'withdraw-receipt': {
    what: '平台的撤回回执没有通过核验。',
    safe: '封标文件和递交回执仍在本机，完好；撤回在平台上可能已经生效。',
  },
  'release-receipt': {
    what: '平台在开标中给出的回执没有通过核验。',
    safe: '已递交的文件和递交回执未受影响；解密密钥可能已经送出，不能收回。',
    next: '请立即再试一次，已送出的密钥不会另行更换；若仍如此，请联系平台并保留下面的代码。',
  },
  'release-mismatch': {
    what: '锁打开的密钥与这份投标文件不符。',
    safe: '密钥没有送出；已递交的文件和回执未受影响。',
    next: '请换用封标时所用的另一把锁，再试一次。',
  },
  'released-mismatch': {
    what: '送出的密钥没有能够打开这份投标文件。',
    safe: keyMayBeOut,
    next: '请立即与平台和招标人或其代理联系，并保留下面的代码。',
  },
  'released-challenge': { safe: keyMayBeOut },
  'released-early': { safe: keyMayBeOut },
  'released-not-confirmed': { safe: keyMayBeOut },
}
