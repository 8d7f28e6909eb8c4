import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app, BrowserWindow, type NativeImage, type Session } from 'electron'
import { registerAppScheme } from '../../../../main/shell/app-scheme.ts'
import { pageSession } from '../../../../main/shell/page-session.ts'
import { pinPage, uiPage, type Page } from '../../../../main/shell/pages.ts'
import { scenes } from '../scenes.ts'

// The gallery's main process: every scene in both languages at 100 % and 200 % of the smallest window, with the real
// policies. Says what a policy refused and what is wider than the window.
const pages = process.env['GALLERY_PAGES'] ?? ''
const pictures = process.env['GALLERY_PICTURES'] ?? ''
const only = process.env['GALLERY_ONLY']?.split(',') ?? []

registerAppScheme()
app.disableHardwareAcceleration()
app.on('window-all-closed', () => undefined)
void app.whenReady().then(async () => {
  mkdirSync(pictures, { recursive: true })
  const ui = await pageSession(uiPage, pages)
  const pin = await pageSession(pinPage, pages)
  for (const language of ['zh-CN', 'en']) {
    for (const zoom of [1, 2]) {
      for (const scene of Object.keys(scenes)) await take({ page: uiPage, session: ui, scene, language, zoom })
    }
    for (const scene of ['pin', 'pin-wrong']) await take({ page: pinPage, session: pin, scene, language, zoom: 1 })
  }
  app.quit()
})

interface Picture {
  readonly page: Page
  readonly session: Session
  readonly scene: string
  readonly language: string
  readonly zoom: number
}

async function take({ page, session, scene, language, zoom }: Picture): Promise<void> {
  if (only.length > 0 && !only.includes(scene)) return
  const [width, height] = page === uiPage ? [1024, 700] : [440, 540]
  const window = new BrowserWindow({
    ...{ width, height, useContentSize: true, show: true, frame: false },
    webPreferences: {
      session,
      preload: join(__dirname, page === uiPage ? 'page-preload.cjs' : 'pin-preload.cjs'),
      // The fake surface stands in the page's own world.
      contextIsolation: false,
      sandbox: true,
      additionalArguments: [`${scene},${language}`],
    },
  })
  const file = `${scene}.${language}.${zoom * 100}`
  window.webContents.on('console-message', (_event, _level, message) => {
    console.log(`${file}: ${message}`)
  })
  await window.loadURL(page.address)
  window.webContents.setZoomFactor(zoom)
  await window.webContents.executeJavaScript('play()')
  // A picture taken before the page has been drawn is blank.
  await window.webContents.executeJavaScript(
    'new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
  )
  const wide: boolean = await window.webContents.executeJavaScript(
    '[document.documentElement, ...document.querySelectorAll(".frame, .screen-body")].some(e => e.scrollWidth > e.clientWidth + 1)',
  )
  if (wide) console.log(`${file}: wider than the window`)
  const refused: string[] = await window.webContents.executeJavaScript('refused')
  if (refused.length > 0) console.log(`${file}: refused ${refused.join(', ')}`)
  const picture = await drawnPicture(window)
  writeFileSync(join(pictures, `${file}.png`), picture.toPNG())
  window.destroy()
}

/** The compositor is a frame behind the page now and then: a picture of one colour is taken again. */
async function drawnPicture(window: BrowserWindow): Promise<NativeImage> {
  for (let tries = 1; ; tries += 1) {
    await new Promise(resolve => setTimeout(resolve, 150))
    const picture = await window.webContents.capturePage()
    const pixels = picture.toBitmap()
    if (tries === 10 || pixels.some((value, index) => value !== pixels[index % 4])) return picture
  }
}
