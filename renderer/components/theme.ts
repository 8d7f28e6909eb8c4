import type { ThemeConfig } from 'antd'
import type { Language } from '../../main/contract/guards.ts'

const chineseFaces =
  '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", system-ui, sans-serif'
// Chinese faces draw the apostrophe as wide as a character: English begins with a Latin one.
const faces: Readonly<Record<Language, string>> = {
  'zh-CN': chineseFaces,
  en: `"Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", ${chineseFaces}`,
}
const codeFaces = '"SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono", monospace'

/** The desk of a notary. Every pair of text and ground keeps 4.5 : 1; styles/page.css names the same colours. */
const ink = '#1b2333'
const paper = '#f6f1e7'
const sheet = '#fffdf8'
const blue = '#1f4e8c'
const cinnabar = '#a92b1d'
const green = '#1d6a44'
const amber = '#855600'

/** The look of the UI kit. */
export function themeFor(language: Language): ThemeConfig {
  return { ...theme, token: { ...theme.token, fontFamily: faces[language] } }
}

/** The same for acts that can't be undone: the one place besides seals where cinnabar stands. */
export const irreversibleTheme: ThemeConfig = { token: { colorPrimary: cinnabar } }

const theme: ThemeConfig = {
  token: {
    colorPrimary: blue,
    colorInfo: blue,
    colorLink: blue,
    colorSuccess: green,
    colorWarning: amber,
    // A mistake is no seal and no irreversible act: it is said in ink, with an icon and words.
    colorError: '#5a3340',
    colorTextBase: ink,
    colorText: ink,
    colorTextSecondary: '#4a5263',
    colorTextTertiary: '#59606f',
    colorTextDescription: '#4a5263',
    colorTextPlaceholder: '#646b7a',
    colorTextDisabled: '#6f7480',
    colorBgBase: sheet,
    colorBgLayout: paper,
    colorBgContainer: sheet,
    colorBgElevated: sheet,
    // Derived from a warm ground these come out as dark as a shadow.
    colorPrimaryBg: '#e4ebf5',
    colorPrimaryBgHover: '#d5e0ef',
    controlItemBgActive: '#e4ebf5',
    controlItemBgActiveHover: '#d5e0ef',
    colorBorder: '#8f8877',
    colorBorderSecondary: '#ddd5c4',
    borderRadius: 4,
    fontFamilyCode: codeFaces,
    fontSize: 14,
    lineHeight: 1.6,
    motion: false,
    wireframe: false,
  },
  components: {
    Button: { primaryShadow: 'none', defaultShadow: 'none', fontWeight: 500 },
  },
}
