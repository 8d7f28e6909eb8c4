import { createInstance } from 'i18next'
import { initReactI18next, useTranslation } from 'react-i18next'
import type { Failure } from '../../main/contract/failure.ts'
import type { Language } from '../../main/contract/guards.ts'
import type { FailureText, Situation } from './failures/index.ts'
import { failureText } from './failures/index.ts'
import type { TextKey } from './languages.ts'
import { texts } from './languages.ts'

/** Words a text by its path and the values it has places for. */
export type Text = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string

const i18n = createInstance()

void i18n.use(initReactI18next).init({
  lng: 'zh-CN',
  fallbackLng: false,
  initAsync: false,
  resources: Object.fromEntries(Object.entries(texts).map(([language, translation]) => [language, { translation }])),
  // React escapes what it shows.
  interpolation: { escapeValue: false },
  returnNull: false,
})

/** Changes the language of every text on the page. */
export async function changeLanguage(language: Language): Promise<void> {
  await i18n.changeLanguage(language)
}

/** The texts in the language of the page, for components. */
export function useText(): Text {
  const { t } = useTranslation('translation', { i18n })
  return (key, values) => t(key, values ?? {})
}

/** The language of the page, for components. */
export function useLanguage(): Language {
  const { i18n: current } = useTranslation('translation', { i18n })
  return current.language === 'en' ? 'en' : 'zh-CN'
}

/** The three sentences about a failure in the language of the page, for components. */
export function useFailureText(): (code: Failure['code'], situation?: Situation) => FailureText {
  const language = useLanguage()
  return (code, situation) => failureText(language, code, situation)
}
