import { Menu } from 'electron'
import type { MenuItemConstructorOptions } from 'electron'
import type { Language } from '../contract/guards.ts'

/** The menu: what the keyboard needs, and nothing that reloads, inspects or leaves the page. */
export function setMenu(language: Language): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(template(words[language])))
}

function template(label: Words): MenuItemConstructorOptions[] {
  return [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    {
      label: label.edit,
      submenu: [
        { role: 'undo', label: label.undo },
        { role: 'redo', label: label.redo },
        { type: 'separator' },
        { role: 'cut', label: label.cut },
        { role: 'copy', label: label.copy },
        { role: 'paste', label: label.paste },
        { role: 'selectAll', label: label.selectAll },
      ],
    },
    {
      label: label.view,
      submenu: [
        { role: 'zoomIn', label: label.zoomIn },
        { role: 'zoomOut', label: label.zoomOut },
        { role: 'resetZoom', label: label.resetZoom },
        { role: 'togglefullscreen', label: label.fullScreen },
      ],
    },
    {
      label: label.window,
      submenu: [
        { role: 'minimize', label: label.minimize },
        { role: 'quit', label: label.quit },
      ],
    },
  ]
}

type Words = Readonly<
  Record<
    | 'edit'
    | 'undo'
    | 'redo'
    | 'cut'
    | 'copy'
    | 'paste'
    | 'selectAll'
    | 'view'
    | 'zoomIn'
    | 'zoomOut'
    | 'resetZoom'
    | 'fullScreen'
    | 'window'
    | 'minimize'
    | 'quit',
    string
  >
>

const words: Readonly<Record<Language, Words>> = {
  'zh-CN': {
    edit: '编辑',
    undo: '撤销',
    redo: '重做',
    cut: '剪切',
    copy: '复制',
    paste: '粘贴',
    selectAll: '全选',
    view: '显示',
    zoomIn: '放大',
    zoomOut: '缩小',
    resetZoom: '实际大小',
    fullScreen: '全屏',
    window: '窗口',
    minimize: '最小化',
    quit: '退出标封',
  },
  en: {
    edit: 'Edit',
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select All',
    view: 'View',
    zoomIn: 'Zoom In',
    zoomOut: 'Zoom Out',
    resetZoom: 'Actual Size',
    fullScreen: 'Full Screen',
    window: 'Window',
    minimize: 'Minimise',
    quit: 'Quit BidSeal',
  },
}
