import type { FailureCode } from '../../../main/contract/failure.ts'
import type { Language } from '../../../main/contract/guards.ts'
import { bid as bidInEnglish } from './en/bid.ts'
import { delivery as deliveryInEnglish } from './en/delivery.ts'
import { locks as locksInEnglish } from './en/locks.ts'
import { seal as sealInEnglish } from './en/seal.ts'
import { situations as situationsInEnglish } from './en/situations.ts'
import type { Situation, SituationTexts } from './situation.ts'
import { situationOf } from './situation.ts'
import type { FailureText } from './text.ts'
import { bid } from './zh-CN/bid.ts'
import { delivery } from './zh-CN/delivery.ts'
import { locks } from './zh-CN/locks.ts'
import { seal } from './zh-CN/seal.ts'
import { situations } from './zh-CN/situations.ts'

export type { Situation } from './situation.ts'
export type { FailureText } from './text.ts'

/** A text in each language for every code of the closed table; one that is forgotten does not compile. */
export const failureTexts: Readonly<Record<Language, Readonly<Record<FailureCode, FailureText>>>> = {
  'zh-CN': { ...bid, ...delivery, ...locks, ...seal },
  en: { ...bidInEnglish, ...deliveryInEnglish, ...locksInEnglish, ...sealInEnglish },
}

/** What is said instead in certain situations. */
export const situationTexts: Readonly<Record<Language, SituationTexts>> = {
  'zh-CN': situations,
  en: situationsInEnglish,
}

/** The three sentences about a failure, true of the situation in which it happened. */
export function failureText(language: Language, code: FailureCode, situation?: Situation): FailureText {
  const name = situationOf(code, situation)
  const usual = failureTexts[language][code]
  return name === null ? usual : { ...usual, ...situationTexts[language][name] }
}
