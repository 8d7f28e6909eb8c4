import { app, ipcMain } from 'electron'
import type { BrowserWindow } from 'electron'
import { openGate, openPinGate } from './ipc/gate.ts'
import { makeHandlers } from './ipc/handlers.ts'
import { closingOrder } from './shell/closing.ts'
import type { Closing } from './shell/closing.ts'
import { composeApp } from './shell/compose.ts'
import type { Composition } from './shell/compose.ts'
import { switchOnHardwareCrypto } from './shell/crypto-speed.ts'
import { tellWindowIsLost } from './shell/dialogs.ts'
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
    sessions: { ui: await pageSession(uiPage, places.pages), pin: await pageSession(pinPage, places.pages) },
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
  const closing = closeInOrder(composition)
  const open = (): void => {
    window ??= openMainWindow(parts, {
      onClose: event => closing.onWindowClose(event),
      onClosed: () => {
        window = null
      },
      onLost: () => {
        tellWindowIsLost(composition.context.language())
        window?.destroy()
      },
    })
  }
  open()
  app.on('activate', open)
  let again = false
  app.on('second-instance', () => {
    // Who starts the app while it ends wants it: it starts anew once it has ended.
    if (closing.begun) {
      if (!again) app.relaunch()
      again = true
      return
    }
    open()
    if (window?.isMinimized() === true) window.restore()
    window?.focus()
  })
  app.on('window-all-closed', () => app.quit())
}

function openGates({ context, report }: Composition): void {
  openGate(ipcMain, makeHandlers(context), event => trust.isTrusted(event, uiPage.origin), report)
  openPinGate(ipcMain, context.pins, event => trust.isTrusted(event, pinPage.origin), report)
}

/** Jobs end and locks log out before the process does; a lock that hangs is not waited for. */
function closeInOrder(composition: Composition): Closing {
  const { context } = composition
  const closing = closingOrder({
    isBusy: () => context.jobs.list().some(({ state }) => state === 'running'),
    mayBreakOff: () => context.dialogs.agree({ kind: 'leave' }, context.language()),
    close: () => composition.close(),
    patience: 5_000,
    quit: () => app.quit(),
  })
  app.on('before-quit', event => closing.onQuit(event))
  return closing
}
