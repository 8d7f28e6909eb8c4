/** Languages the command line speaks. */
export type Language = 'zh' | 'en'

/**
 * The language to speak: what was asked for, else Chinese where the system's language is Chinese (LC_ALL, LC_MESSAGES,
 * LANG in POSIX's order), else English.
 */
export function chooseLanguage(
  asked: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  if (asked === 'zh' || asked === 'en') return asked
  const locale = [environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']].find(
    value => value !== undefined && value !== '',
  )
  return locale?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en'
}

/** A text in both languages, chosen late. */
export interface Words {
  readonly zh: string
  readonly en: string
}
