import { app, BrowserWindow } from 'electron'
import type { Session, WebPreferences } from 'electron'
import type { Page } from './pages.ts'
import { pinPage, uiPage } from './pages.ts'
import type { TrustedFrames } from './trusted-frames.ts'

/** What every window needs. */
export interface WindowParts {
  readonly trust: TrustedFrames
  readonly sessions: Readonly<Record<Page['host'], Session>>
  readonly preloads: Readonly<Record<Page['host'], string>>
}

/** SECURITY: S3, S4, S11, A4, A5. Everything that matters is written out, whatever Electron's defaults become. */
export function pagePreferences(session: Session, preload: string, packaged: boolean): WebPreferences {
  return {
    session,
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    spellcheck: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    devTools: !packaged,
  }
}

/** The one main window. It shows when its page has been drawn. */
export function openMainWindow(parts: WindowParts, onClosed: () => void): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 1024,
    minHeight: 700,
    show: false,
    title: '标封 BidSeal',
    backgroundColor: '#faf8f4',
    autoHideMenuBar: true,
    webPreferences: pagePreferences(parts.sessions.ui, parts.preloads.ui, app.isPackaged),
  })
  window.once('ready-to-show', () => window.show())
  window.once('closed', onClosed)
  showPage(window, uiPage, parts.trust)
  return window
}

/** The window a PIN is typed in, over the main window. */
export function openPinWindow(parts: WindowParts, parent: BrowserWindow): BrowserWindow {
  const window = new BrowserWindow({
    width: 440,
    height: 460,
    parent,
    modal: true,
    show: false,
    resizable: false,
    minimizable: false,
    maximizable: false,
    fullscreenable: false,
    title: 'PIN',
    backgroundColor: '#faf8f4',
    autoHideMenuBar: true,
    webPreferences: pagePreferences(parts.sessions.pin, parts.preloads.pin, app.isPackaged),
  })
  // SECURITY: A7, what is typed here is on no recording of the screen.
  window.setContentProtection(true)
  window.setMenuBarVisibility(false)
  window.once('ready-to-show', () => window.show())
  showPage(window, pinPage, parts.trust)
  return window
}

/** Shows a page, and shows it again when anything else took its place or its process ended. */
function showPage(window: BrowserWindow, page: Page, trust: TrustedFrames): void {
  const { webContents } = window
  const show = (): void => {
    window.loadURL(page.address).catch(() => undefined)
  }
  trust.add(webContents, page.origin)
  // SECURITY: S1, an address that was refused leaves an error page: back to ours. Our own page is not asked for again.
  webContents.on('did-fail-load', (_event, _code, _text, url, isMainFrame) => {
    if (isMainFrame && !url.startsWith(`${page.origin}/`)) show()
  })
  webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && !window.isDestroyed()) show()
  })
  webContents.on('page-title-updated', event => event.preventDefault())
  show()
}
