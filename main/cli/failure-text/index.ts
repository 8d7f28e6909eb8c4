import type { FailureCode } from '../../contract/failure.ts'
import type { Language } from '../language.ts'
import { english } from './en.ts'
import type { FailureText } from './texts.ts'
import { chinese } from './zh.ts'

export type { FailureText } from './texts.ts'

/** The words for a failure in the user's language. */
export function failureText(code: FailureCode, language: Language): FailureText {
  return (language === 'zh' ? chinese : english)[code]
}
