import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import type { ElectronApplication, Page } from 'playwright-core'
import { bundleApp } from '../../../build/app/bundle-app.mjs'
import { prepareRuntime } from '../../../build/app/prepare-runtime.mjs'
import { inProject } from '../../../build/project.mjs'
import { launchArguments, resolveRuntime } from '../../../build/runtime/resolve.mjs'
import { testDisplay } from '../../../build/testing/display.mjs'
import { withChineseTypeface } from './typeface.ts'

/** A running app with a home of its own. */
export interface RunningApp {
  readonly app: ElectronApplication
  readonly page: Page
  readonly home: string
  /** What the process has printed. */
  printed(): string
  /** Errors and warnings on the pages' consoles: broken policies, faults of the program. */
  complaints(): readonly string[]
  /** Keeps a picture of the window as a person would see it, in `test-results/`. */
  picture(name: string): Promise<void>
  /** Ends it and takes its home away. */
  close(): Promise<void>
}

export interface LaunchOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** A home that exists and is kept; a fresh one otherwise, taken away at the end. */
  readonly home?: string
  readonly language?: 'zh-CN' | 'en'
}

/** The executable and what comes before the app's own arguments. */
export interface Launcher {
  readonly executable: string
  readonly args: readonly string[]
}

let launcher: Promise<Launcher> | null = null

/** The app as it stands in this checkout, built if that is needed, on the runtime that is found. */
export function checkoutLauncher(): Promise<Launcher> {
  launcher ??= (async () => {
    await bundleApp()
    const { executable, args } = await prepareRuntime(await resolveRuntime(), drivenApp())
    return { executable, args: [...launchArguments(), ...args] }
  })()
  return launcher
}

/**
 * The app behind Playwright's own loader, which holds it back until the driver is there. Without it a window that opens
 * while the driver connects is sometimes never seen.
 */
function drivenApp(): string {
  const folder = inProject('out/driven')
  mkdirSync(folder, { recursive: true })
  const loader = inProject('node_modules/playwright-core/lib/server/electron/loader.js')
  const boot = [loader, inProject('out/main/index.cjs')].map(path => `require(${JSON.stringify(path)})\n`)
  writeFileSync(join(folder, 'boot.cjs'), boot.join(''))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'bidseal', main: 'boot.cjs' }))
  return folder
}

/** Starts the app and waits for its page. */
export async function launchApp(options: LaunchOptions = {}, how?: Launcher): Promise<RunningApp> {
  const { executable, args } = how ?? (await checkoutLauncher())
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'bidseal-e2e-'))
  const app = await _electron.launch({
    executablePath: executable,
    args: [...args, '--disable-gpu', ...(options.language === undefined ? [] : [`--lang=${options.language}`])],
    timeout: 30_000,
    // The driver would switch it off of its own accord.
    chromiumSandbox: !args.includes('--no-sandbox'),
    env: { ...plainEnvironment(), DISPLAY: await testDisplay(), ...environmentOf(home, options) },
  })
  const printed: string[] = []
  const child = app.process()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Uint8Array) => printed.push(Buffer.from(bytes).toString()))
  }
  const complaints: string[] = []
  app.context().on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  app.context().on('weberror', error => complaints.push(error.error().message))
  const page = await app.firstWindow()
  await page.waitForLoadState('load')
  return {
    app,
    page,
    home,
    printed: () => printed.join(''),
    complaints: () => complaints,
    async picture(name) {
      mkdirSync(inProject('test-results'), { recursive: true })
      await page.evaluate(() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))))
      // The window's own picture: the driver's is cut when the page is zoomed.
      const png = await app.evaluate(async ({ BrowserWindow }) => {
        const image = await BrowserWindow.getAllWindows()[0]!.webContents.capturePage()
        return image.toPNG().toString('base64')
      })
      writeFileSync(inProject('test-results', `${name}.png`), Buffer.from(png, 'base64'))
    },
    async close() {
      // A test that failed in the middle of a job must not wait for an answer nobody gives.
      await app
        .evaluate(({ dialog }) => {
          dialog.showMessageBox = () => Promise.resolve({ response: 0, checkboxChecked: false })
        })
        .catch(() => undefined)
      await app.close()
      if (options.home === undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Starts the app a second time for the home of a running one; answers its exit code. */
export async function secondInstance({ home }: RunningApp): Promise<number | null> {
  const { executable, args } = await checkoutLauncher()
  const env = { ...plainEnvironment(), DISPLAY: await testDisplay(), BIDSEAL_HOME: home }
  const child = spawn(executable, [...args, '--disable-gpu'], { env, stdio: 'ignore', timeout: 20_000 })
  return new Promise(resolve => {
    child.once('exit', resolve)
  })
}

function environmentOf(home: string, { env = {}, language = 'zh-CN' }: LaunchOptions): Record<string, string> {
  return {
    BIDSEAL_HOME: home,
    FONTCONFIG_FILE: withChineseTypeface(join(home, 'typeface')),
    LANGUAGE: language === 'en' ? 'en_US' : 'zh_CN',
    LC_ALL: 'C.UTF-8',
    ...env,
  }
}

/** The environment without what would change the app under test. */
function plainEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(ELECTRON_|NODE_OPTIONS|VITEST)/.test(entry[0]),
  )
  return Object.fromEntries(kept)
}
