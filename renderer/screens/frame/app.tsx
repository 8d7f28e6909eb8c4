import { App as KitApp, ConfigProvider } from 'antd'
import english from 'antd/locale/en_US'
import chinese from 'antd/locale/zh_CN'
import { useEffect, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { themeFor } from '../../components/theme.ts'
import { changeLanguage, useLanguage } from '../../messages/index.ts'
import { app } from '../../stores/app.ts'
import { Frame } from './frame.tsx'

/** The whole page, in the language that main says and in our look. `nonce` lets the UI kit write its styles. */
export function App({ nonce }: { readonly nonce: string | undefined }): ReactNode {
  const { view, failure } = useStore(app)
  const wanted = view?.language
  const language = useLanguage()
  useEffect(() => {
    if (wanted !== undefined) void changeLanguage(wanted)
  }, [wanted])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return (
    <ConfigProvider
      theme={themeFor(language)}
      locale={language === 'en' ? english : chinese}
      button={{ autoInsertSpace: false }}
      wave={{ disabled: true }}
      {...(nonce === undefined ? {} : { csp: { nonce } })}
    >
      <KitApp component={false}>
        {/* Nothing is said in one language that is about to be said in another. */}
        {(wanted === undefined ? failure !== null : language === wanted) && <Frame />}
      </KitApp>
    </ConfigProvider>
  )
}
