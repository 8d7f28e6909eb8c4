import { dialog } from 'electron'
import type { BrowserWindow, FileFilter } from 'electron'
import type { Language } from '../contract/guards.ts'

/** What the user may be asked to pick. */
export type Picked = 'tender' | 'module' | 'soft-lock' | 'document'

/** The system's own file dialogs. SECURITY: A2, the paths stay in the main process. */
export interface FileDialogs {
  /** The file the user picked; null when they closed the dialog. `folder` is where it begins. */
  pick(what: Picked, language: Language, folder?: string): Promise<string | null>
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
  }
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
