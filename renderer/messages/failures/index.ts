import type { FailureCode } from '../../../main/contract/failure.ts'
import type { Language } from '../../../main/contract/guards.ts'
import { bid as bidInEnglish } from './en/bid.ts'
import { delivery as deliveryInEnglish } from './en/delivery.ts'
import { locks as locksInEnglish } from './en/locks.ts'
import { seal as sealInEnglish } from './en/seal.ts'
import type { FailureText } from './text.ts'
import { bid } from './zh-CN/bid.ts'
import { delivery } from './zh-CN/delivery.ts'
import { locks } from './zh-CN/locks.ts'
import { seal } from './zh-CN/seal.ts'

export type { FailureText } from './text.ts'

/** A text in each language for every code of the closed table; one that is forgotten does not compile. */
export const failureTexts: Readonly<Record<Language, Readonly<Record<FailureCode, FailureText>>>> = {
  'zh-CN': { ...bid, ...delivery, ...locks, ...seal },
  en: { ...bidInEnglish, ...deliveryInEnglish, ...locksInEnglish, ...sealInEnglish },
}
