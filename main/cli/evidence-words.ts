import type { Conclusion } from '../services/index.ts'
import type { Language, Words } from './language.ts'

/** What the log says of a bid as a whole, in one careful sentence. */
export function conclusionText({ outcome }: Conclusion, language: Language): string {
  return conclusions[outcome][language]
}

const conclusions: Readonly<Record<Conclusion['outcome'], Words>> = {
  opened: { zh: '已解密（按开标记录）', en: 'opened, says the record' },
  delivered: { zh: '已递交，包内没有它的开标记录', en: 'delivered; the package holds no record of its opening' },
  'not-delivered': { zh: '没有回执', en: 'no receipt' },
  replaced: { zh: '已被后来的投标文件替换', en: 'replaced by a later bid' },
  withdrawn: { zh: '已由投标人撤回', en: 'withdrawn by the bidder' },
  'deemed-revoked': {
    zh: '未解密的原因在投标人一侧（视为撤销的情形）',
    en: 'closed for a reason on the bidder’s side (a case of 视为撤销, deemed revoked)',
  },
  'deemed-withdrawn': {
    zh: '未完成传输，或未解密的原因在投标人之外（视为撤回的情形）',
    en: 'not delivered in time, or closed for a reason that is not the bidder’s (a case of 视为撤回, deemed withdrawn)',
  },
  open: { zh: '两侧的原因都有，或日志不足以判断', en: 'reasons on both sides, or the log cannot tell' },
}
