import { dialog } from 'electron'
import type { BrowserWindow, FileFilter, MessageBoxOptions } from 'electron'
import type { Language } from '../contract/guards.ts'

/** What the user may be asked to pick. */
export type Picked = 'tender' | 'module' | 'soft-lock' | 'document'

/** What the user may have to agree to outside of the page: a tender's platform is to be elsewhere, work is to be broken off. */
export type Agreement =
  { readonly kind: 'platform'; readonly tender: string; readonly host: string } | { readonly kind: 'leave' }

/** The system's own dialogs. SECURITY: A2, the paths stay in the main process. */
export interface FileDialogs {
  /** The file the user picked; null when they closed the dialog. `folder` is where it begins. */
  pick(what: Picked, language: Language, folder?: string): Promise<string | null>
  /** Whether the user agreed. Closing the dialog is no. */
  agree(to: Agreement, language: Language): Promise<boolean>
}

/** File dialogs over a window; nothing can be picked when there is none. */
export function fileDialogs(window: () => BrowserWindow | null): FileDialogs {
  return {
    async pick(what, language, folder) {
      const parent = window()
      if (parent === null) return null
      const { title, filter, extensions } = words[what][language]
      const filters: FileFilter[] = extensions.length === 0 ? [] : [{ name: filter, extensions: [...extensions] }]
      const { canceled, filePaths } = await dialog.showOpenDialog(parent, {
        title,
        filters,
        properties: ['openFile', 'dontAddToRecent'],
        ...(folder === undefined ? {} : { defaultPath: folder }),
      })
      return canceled ? null : (filePaths[0] ?? null)
    },
    async agree(to, language) {
      const { yes, no, message, detail } = question(to, language)
      const box: MessageBoxOptions = {
        type: 'warning',
        buttons: [yes, no],
        defaultId: 1,
        cancelId: 1,
        noLink: true,
        message,
        detail,
      }
      const parent = window()
      const { response } = await (parent === null ? dialog.showMessageBox(box) : dialog.showMessageBox(parent, box))
      return response === 0
    },
  }
}

/** Says that the window can't be shown any more; returns when the user has read it. */
export function tellWindowIsLost(language: Language): void {
  const { title, text } = lostWords[language]
  dialog.showErrorBox(title, text)
}

interface Question {
  readonly yes: string
  readonly no: string
  readonly message: string
  readonly detail: string
}

function question(to: Agreement, language: Language): Question {
  const inChinese = language === 'zh-CN'
  if (to.kind === 'leave') {
    return inChinese
      ? { yes: '停止并退出', no: '继续工作', message: '还有工作正在进行', detail: '现在退出会中断这些工作。' }
      : {
          ...{ yes: 'Stop and Quit', no: 'Keep Working', message: 'Work is still going on' },
          detail: 'Quitting now breaks it off.',
        }
  }
  const tender = plainText(to.tender)
  return inChinese
    ? {
        ...{ yes: '使用该地址', no: '取消', message: `通过 ${to.host} 递交？` },
        detail: `招标项目：${tender}\n平台：${to.host}\n\n请与招标文件中的地址核对。`,
      }
    : {
        ...{ yes: 'Use This Address', no: 'Cancel', message: `Deliver to ${to.host}?` },
        detail: `Tender: ${tender}\nPlatform: ${to.host}\n\nCompare it with the address in the tender documents.`,
      }
}

/** SECURITY: a title comes from outside: no lines of its own, no turned direction, not endless. */
function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 200)
}

const lostWords: Readonly<Record<Language, { readonly title: string; readonly text: string }>> = {
  'zh-CN': { title: '标封', text: '窗口反复出错，无法显示。请重新启动标封。' },
  en: { title: 'BidSeal', text: 'The window keeps failing and cannot be shown. Please start BidSeal again.' },
}

interface DialogWords {
  readonly title: string
  readonly filter: string
  readonly extensions: readonly string[]
}

const libraries = process.platform === 'win32' ? ['dll'] : process.platform === 'darwin' ? ['dylib', 'so'] : ['so']

const words: Readonly<Record<Picked, Readonly<Record<Language, DialogWords>>>> = {
  tender: {
    'zh-CN': { title: '选择招标文件包', filter: '招标文件包', extensions: ['tender'] },
    en: { title: 'Choose the tender package', filter: 'Tender package', extensions: ['tender'] },
  },
  module: {
    'zh-CN': { title: '选择 CA 锁的 PKCS#11 驱动', filter: '驱动', extensions: libraries },
    en: { title: 'Choose the PKCS#11 driver of the lock', filter: 'Driver', extensions: libraries },
  },
  'soft-lock': {
    'zh-CN': { title: '选择软锁文件', filter: '软锁', extensions: ['p12', 'pfx'] },
    en: { title: 'Choose the soft lock', filter: 'Soft lock', extensions: ['p12', 'pfx'] },
  },
  document: {
    'zh-CN': { title: '选择投标文件', filter: '', extensions: [] },
    en: { title: 'Choose a document of the bid', filter: '', extensions: [] },
  },
}
