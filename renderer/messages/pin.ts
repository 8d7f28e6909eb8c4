import type { Language } from '../../main/contract/guards.ts'
import type { PinQuestion } from '../../main/contract/pin.ts'

/** The texts of the PIN page, which has an origin of its own and carries nothing it does not need. */
export interface PinTexts {
  readonly title: string
  /** The title where the PIN is typed on the lock itself. */
  readonly titleOnLock: string
  readonly pin: string
  readonly purpose: Readonly<Record<PinQuestion['purpose'], string>>
  readonly state: Readonly<Record<PinQuestion['state'], string>>
  /** The sentence about the tries that are left. */
  readonly triesLeft: (tries: number) => string
  readonly wrong: string
  readonly serial: string
  readonly submit: string
  readonly cancel: string
  readonly waiting: string
  readonly kept: string
  /** Where the PIN is typed. */
  readonly onLock: string
  readonly submitOnLock: string
  /** What the next wrong PIN does, and what to be sure of before it. */
  readonly lastTryWarning: string
  /** What the user says before the last PIN is sent. */
  readonly lastTryAgreed: string
}

/** Words of the PIN page by language. */
export const pinTexts: Readonly<Record<Language, PinTexts>> = {
  'zh-CN': {
    title: '输入 PIN 码',
    titleOnLock: '在锁上输入 PIN 码',
    pin: 'PIN 码',
    purpose: {
      seal: '用于封标：签名，并试解密一次',
      submit: '用于递交：签署递交授权',
      withdraw: '用于撤回：签署撤回申请',
      release: '用于开标：解密并送出密钥',
    },
    state: {
      ok: '',
      'few-tries': '请仔细输入',
      'last-try': '再输错，锁会锁死',
      locked: '锁已锁死，请联系发锁的 CA 机构',
      'not-set': '锁还没有设置 PIN 码',
      unknown: '',
    },
    triesLeft: tries => `还可输入 ${tries} 次`,
    wrong: '上次输入的 PIN 码不正确',
    serial: '序列号',
    submit: '交给锁验证',
    cancel: '不，返回',
    waiting: '正在由锁验证…',
    kept: 'PIN 码只交给这把锁，不保存、不记录。',
    onLock: 'PIN 码在锁上输入，不经过本机。',
    submitOnLock: '在锁上输入',
    lastTryWarning: '只剩最后一次机会。没有把握请先返回：向发锁的 CA 机构核实或重置 PIN 码，已封标的文件不受影响。',
    lastTryAgreed: '我已核实 PIN 码，知道再错一次锁将被锁死',
  },
  en: {
    title: 'Enter the PIN',
    titleOnLock: 'Enter the PIN on the lock',
    pin: 'PIN',
    purpose: {
      seal: 'To seal: sign, and decrypt once as a trial',
      submit: 'To submit: sign the authorisation',
      withdraw: 'To withdraw: sign the withdrawal',
      release: 'At the opening: decrypt and release the key',
    },
    state: {
      ok: '',
      'few-tries': 'type with care',
      'last-try': 'another wrong PIN blocks the lock',
      locked: 'The lock is blocked; call the CA that issued it',
      'not-set': 'No PIN has been set on the lock',
      unknown: '',
    },
    triesLeft: tries => (tries === 1 ? '1 try left' : `${tries} tries left`),
    wrong: 'The last PIN was wrong',
    serial: 'Serial number',
    submit: 'Give it to the lock',
    cancel: 'No, go back',
    waiting: 'The lock is checking…',
    kept: 'The PIN goes to this lock only; it is neither kept nor logged.',
    onLock: 'The PIN is typed on the lock and does not pass this computer.',
    submitOnLock: 'Type it on the lock',
    lastTryWarning:
      'ONE TRY IS LEFT. If in doubt go back: the CA that issued the lock can confirm or reset the PIN. Your sealed bids are not affected.',
    lastTryAgreed: 'I have made sure of the PIN and know that another wrong one blocks the lock',
  },
}
