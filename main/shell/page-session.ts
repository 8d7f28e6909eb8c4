import { session as sessions } from 'electron'
import type { Session } from 'electron'
import { pageServer } from './app-scheme.ts'
import type { Page } from './pages.ts'
import { appScheme } from './pages.ts'

/** A proxy nobody listens as, for loopback too: what asks no handler of ours (WebRTC over TCP) ends there. */
const noWayOut = {
  mode: 'fixed_servers',
  proxyRules: 'http://127.0.0.1:9',
  proxyBypassRules: '<-loopback>',
} as const

/**
 * SECURITY: A3, A4, the session of one page: in memory, without a cache, and cut off from everything but the page's own
 * files.
 */
export async function pageSession(page: Page, folder: string): Promise<Session> {
  const session = sessions.fromPartition(page.partition, { cache: false })
  lockSession(session, url => isOf(page, url))
  await session.setProxy(noWayOut)
  session.protocol.handle(appScheme, pageServer(page, folder))
  return session
}

/** SECURITY: S5, A3, A4: no permission, no request but those allowed, no download, no dictionary, no files. */
export function lockSession(session: Session, allows: (url: string) => boolean): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  // Nobody is asked to choose a device: each choice is refused before a list is made.
  session.on('select-usb-device', (event, _details, choose) => {
    event.preventDefault()
    choose()
  })
  session.on('select-hid-device', (event, _details, choose) => {
    event.preventDefault()
    choose()
  })
  session.on('select-serial-port', (event, _ports, _contents, choose) => {
    event.preventDefault()
    choose('')
  })
  session.setSpellCheckerEnabled(false)
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !allows(url) }))
  session.on('will-download', event => {
    event.preventDefault()
  })
  // SECURITY: S18, `file:` would give a page the whole disk.
  session.protocol.handle('file', () => new Response(null, { status: 403 }))
}

/** Pictures made by the page itself (`data:`, `blob:`) leave nothing and fetch nothing. */
function isOf(page: Page, url: string): boolean {
  return url.startsWith(`${page.origin}/`) || url.startsWith('data:') || url.startsWith(`blob:${page.origin}/`)
}
