import type { Language } from '../../main/contract/guards.ts'
import { english } from './en/index.ts'
import { chinese } from './zh-CN/index.ts'

/** The same tree with other words at its leaves. */
type Translated<T> = { readonly [K in keyof T]: T[K] extends string ? string : Translated<T[K]> }

/** Every text of the page by language. A text that one language has and the other lacks does not compile. */
export const texts: Readonly<Record<Language, Translated<typeof chinese>>> = { 'zh-CN': chinese, en: english }

/** The languages, each by its own name. */
export const languageNames: Readonly<Record<Language, string>> = { 'zh-CN': '中文', en: 'English' }

/** The path of a text: `seal.button`. */
export type TextKey = Paths<typeof chinese>

type Paths<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Paths<T[K]>}` }[keyof T & string]
