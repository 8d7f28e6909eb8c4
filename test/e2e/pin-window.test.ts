import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { inProject } from '../../build/project.mjs'
import { composeBid } from './app/bid.ts'
import { ask } from './app/bridge.ts'
import { handsOn } from './app/hands.ts'
import type { Hands } from './app/hands.ts'
import { checkoutLauncher, launchApp } from './app/launch.ts'
import type { RunningApp } from './app/launch.ts'

let running: RunningApp
let hands: Hands
let pin: Page

beforeAll(async () => {
  await checkoutLauncher()
  running = await launchApp()
  hands = handsOn(running, inProject('test-results'))
  // Not every system can say whether a window is protected; each can say that it was asked for.
  await running.app.evaluate(({ BrowserWindow }) => {
    const { prototype } = BrowserWindow
    const protect: unknown = Reflect.get(prototype, 'setContentProtection')
    prototype.setContentProtection = function (on) {
      Reflect.set(globalThis, 'protected', { id: this.id, on })
      Reflect.apply(protect as () => void, this, [on])
    }
  })
}, 180_000)

afterAll(async () => {
  await running.close()
})

test('a bid is ready to be sealed', async () => {
  await hands.press('rehearsal.start')
  await hands.part('practice-pin').waitFor({ timeout: 25_000 })
  await composeBid(running, hands, join(running.home, 'rehearsal', 'documents'))
})

describe('the PIN window', () => {
  beforeEach(async () => {
    if (running.app.windows().length > 1) return
    await hands.go('seal')
    const opened = running.app.waitForEvent('window', { timeout: 15_000 })
    await hands.confirm('bid.seal')
    pin = await opened
    await pin.waitForLoadState('load')
  })

  test('S3, S4, S11, A4: the window was made with every lock shut', async () => {
    const preferences = await running.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows().find(each => each.webContents.getURL().startsWith('app://pin/'))!
      const all = Reflect.get(window.webContents, 'getLastWebPreferences') as () => Record<string, unknown>
      const { session } = window.webContents
      return {
        ...all.call(window.webContents),
        ...{ storagePath: session.storagePath, persistent: session.isPersistent(), modal: window.isModal() },
      }
    })
    expect(preferences).toMatchObject({
      ...{ contextIsolation: true, sandbox: true, nodeIntegration: false },
      ...{ nodeIntegrationInSubFrames: false, webviewTag: false },
      ...{ webSecurity: true, allowRunningInsecureContent: false, experimentalFeatures: false },
      ...{ storagePath: null, persistent: false, modal: true },
    })
  })

  test('S20: what is exposed to it is question and answer, and nothing else', async () => {
    const exposed = await pin.evaluate(() => ({
      pin: Object.keys(Reflect.get(globalThis, 'bidsealPin') as object).sort(),
      others: ['bidseal', 'require', 'process', 'module', 'Buffer'].map(name => typeof Reflect.get(globalThis, name)),
    }))
    expect(exposed).toEqual({ pin: ['answer', 'question'], others: Array(5).fill('undefined') })
  })

  test('A7: it is on no recording of the screen', async () => {
    const [asked, id] = await running.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows().find(each => each.webContents.getURL().startsWith('app://pin/'))!
      return [Reflect.get(globalThis, 'protected') as unknown, window.id] as const
    })
    expect(asked).toEqual({ id, on: true })
  })

  test('A7: a core dump of its process would hold no memory', async () => {
    if (process.platform !== 'linux') return
    const pid = await running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .find(each => each.webContents.getURL().startsWith('app://pin/'))!
        .webContents.getOSProcessId(),
    )
    expect(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8').trim()).toBe('00000000')
  })

  test('whoever closes the app in the middle of work is asked, and may stay', async () => {
    const asked = await running.app.evaluate(async ({ app, dialog, BrowserWindow }) => {
      let count = 0
      dialog.showMessageBox = () => {
        count += 1
        return Promise.resolve({ response: 1, checkboxChecked: false })
      }
      BrowserWindow.getAllWindows()
        .find(each => each.webContents.getURL().startsWith('app://ui/'))!
        .close()
      await new Promise(resolve => setTimeout(resolve, 100))
      app.quit()
      await new Promise(resolve => setTimeout(resolve, 100))
      return count
    })
    expect(asked).toBe(2)
    expect(running.app.windows()).toHaveLength(2)
    expect(await lastJob()).toBe('running')
  })

  test('a PIN whose window fails is given up', async () => {
    await running.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows().find(each => each.webContents.getURL().startsWith('app://pin/'))!
      window.webContents.forcefullyCrashRenderer()
    })
    await expect.poll(lastJob).toBe('cancelled')
    await expect.poll(() => running.app.windows().length).toBe(1)
  })

  test('ending the rehearsal ends its jobs and what they ask first', async () => {
    const closed = pin.waitForEvent('close')
    expect(await ask(running.page, 'rehearsal.stop')).toMatchObject({ running: false })
    expect(await lastJob()).toBe('cancelled')
    await closed
    expect(existsSync(join(running.home, 'rehearsal'))).toBe(false)
  })
})

async function lastJob(): Promise<string | undefined> {
  return (await ask(running.page, 'job.list')).at(-1)?.state
}
