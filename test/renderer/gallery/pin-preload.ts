import type { Language } from '../../../main/contract/guards.ts'
import type { PinApi, PinQuestion } from '../../../main/contract/pin.ts'

// The gallery's preload of the PIN page.
const [name = '', language = 'zh-CN'] = process.argv.at(-1)?.split(',') ?? []
const question: PinQuestion = {
  language: language as Language,
  lockLabel: '公章锁 财务-03',
  manufacturer: '云南数字证书认证中心',
  serial: '5301004217',
  state: name === 'pin-wrong' ? 'last-try' : 'ok',
  triesLeft: name === 'pin-wrong' ? 1 : 8,
  purpose: name === 'pin-wrong' ? 'release' : 'seal',
  wrong: name === 'pin-wrong',
  lastTry: name === 'pin-wrong',
  onLock: false,
}
const api: PinApi = { question: async () => question, answer: () => new Promise(() => undefined) }
const refused: string[] = []
document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => {
  refused.push(violatedDirective)
})
Object.assign(globalThis, { bidsealPin: api, refused, play: async () => undefined })
