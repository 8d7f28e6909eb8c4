import type { ReactNode } from 'react'
import type { Language } from '../../main/contract/guards.ts'
import { languageNames, useText } from '../messages/index.ts'

/** Switches the language; each is written in itself. */
export function LanguageSwitch(props: {
  readonly language: Language
  readonly onChange: (language: Language) => void
}): ReactNode {
  const text = useText()
  return (
    <div className="languages" role="group" aria-label={text('common.language')}>
      {(['zh-CN', 'en'] as const).map(language => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={language === props.language}
          data-testid={`language-${language}`}
          onClick={() => {
            props.onChange(language)
          }}
        >
          {languageNames[language]}
        </button>
      ))}
    </div>
  )
}
