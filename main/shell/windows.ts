import { app, BrowserWindow } from 'electron'
import type { Session, WebPreferences } from 'electron'
import { keepMemoryOutOfCoreDumps } from '../token-host/index.ts'
import type { Page } from './pages.ts'
import { pinPage, uiPage } from './pages.ts'
import { fewTimes } from './few-times.ts'
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

/** What the main window tells. */
export interface MainWindowEvents {
  /** Somebody closes it; may be prevented. */
  readonly onClose: (event: { preventDefault(): void }) => void
  readonly onClosed: () => void
  /** Its page failed again and again and is not shown any more. */
  readonly onLost: () => void
}

/** The one main window. It shows when its page has been drawn. */
export function openMainWindow(parts: WindowParts, { onClose, onClosed, onLost }: MainWindowEvents): BrowserWindow {
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
  window.on('close', onClose)
  window.once('closed', onClosed)
  const mayReload = fewTimes(3, 60_000, () => performance.now())
  const show = showPage(window, uiPage, parts.trust)
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    if (mayReload()) show()
    else onLost()
  })
  return window
}

/** The window a PIN is typed in, over the main window. */
export function openPinWindow(parts: WindowParts, parent: BrowserWindow): BrowserWindow {
  const window = new BrowserWindow({
    width: 440,
    height: 540,
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
  const { webContents } = window
  webContents.on('did-finish-load', () => keepMemoryOutOfCoreDumps(webContents.getOSProcessId()))
  // A PIN half typed is not typed on: the window goes, and the question with it.
  webContents.on('render-process-gone', () => window.isDestroyed() || window.destroy())
  showPage(window, pinPage, parts.trust)
  return window
}

/** Shows a page, and shows it again when anything else took its place. Answers how to show it once more. */
function showPage(window: BrowserWindow, page: Page, trust: TrustedFrames): () => void {
  const { webContents } = window
  const show = (): void => {
    window.loadURL(page.address).catch(() => undefined)
  }
  trust.add(webContents, page.origin)
  // SECURITY: A3, WebRTC asks neither policy nor session: it may use the session's proxy only, which leads nowhere.
  webContents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  // SECURITY: S1, an address that was refused leaves an error page: back to ours. Our own page is not asked for again.
  webContents.on('did-fail-load', (_event, _code, _text, url, isMainFrame) => {
    if (isMainFrame && !url.startsWith(`${page.origin}/`)) show()
  })
  webContents.on('page-title-updated', event => event.preventDefault())
  show()
  return show
}
