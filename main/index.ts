import { app, ipcMain } from 'electron'
import type { BrowserWindow } from 'electron'
import { openGate, openPinGate } from './ipc/gate.ts'
import { makeHandlers } from './ipc/handlers.ts'
import { composeApp } from './shell/compose.ts'
import type { Composition } from './shell/compose.ts'
import { switchOnHardwareCrypto } from './shell/crypto-speed.ts'
import { harden } from './shell/hardening.ts'
import { useHomeFolder } from './shell/home-folder.ts'
import { lockSession, pageSession } from './shell/page-session.ts'
import { pinPage, uiPage } from './shell/pages.ts'
import { placesAround } from './shell/places.ts'
import { trustedFrames } from './shell/trusted-frames.ts'
import { openMainWindow, openPinWindow } from './shell/windows.ts'
import type { WindowParts } from './shell/windows.ts'

const places = placesAround(__dirname)
const trust = trustedFrames()
let window: BrowserWindow | null = null

harden()
const home = useHomeFolder()
// SECURITY: A11, one instance for one home. What a second one was started with is ignored.
if (app.requestSingleInstanceLock()) {
  app.on('second-instance', showWindow)
  void app.whenReady().then(start)
} else {
  app.quit()
}

async function start(): Promise<void> {
  // SECURITY: A4, the default session is there for its side effect and refuses everything.
  lockSession(switchOnHardwareCrypto(), () => false)
  const parts: WindowParts = {
    trust,
    preloads: places.preloads,
    sessions: { ui: pageSession(uiPage, places.pages), pin: pageSession(pinPage, places.pages) },
  }
  const composition = await composeApp({
    home,
    places,
    window: () => window,
    showPinWindow: onClosed => {
      if (window === null) throw new Error('no window to ask over')
      const pinWindow = openPinWindow(parts, window)
      pinWindow.once('closed', onClosed)
      return { close: () => pinWindow.isDestroyed() || pinWindow.destroy() }
    },
  })
  openGates(composition)
  const open = (): void => {
    window ??= openMainWindow(parts, () => {
      window = null
    })
  }
  open()
  app.on('activate', open)
  app.on('window-all-closed', () => app.quit())
  closeInOrder(composition)
}

function openGates({ context, report }: Composition): void {
  openGate(ipcMain, makeHandlers(context), event => trust.isTrusted(event, uiPage.origin), report)
  openPinGate(ipcMain, context.pins, event => trust.isTrusted(event, pinPage.origin), report)
}

/** Jobs end and locks log out before the process does; a lock that hangs is not waited for. */
function closeInOrder(composition: Composition): void {
  let closing = false
  app.on('before-quit', event => {
    if (closing) return
    closing = true
    event.preventDefault()
    const patience = new Promise(resolve => setTimeout(resolve, 5_000))
    void Promise.race([composition.close(), patience]).finally(() => app.quit())
  })
}

function showWindow(): void {
  if (window?.isMinimized() === true) window.restore()
  window?.focus()
}
