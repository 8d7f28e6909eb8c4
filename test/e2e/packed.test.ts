import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packApp } from '../../build/app/pack.mjs'
import { linkedCopy } from '../../build/app/prepare-runtime.mjs'
import { inProject } from '../../build/project.mjs'
import { launchArguments } from '../../build/runtime/resolve.mjs'
import { filesInAsar } from './app/asar.ts'
import { composeBid } from './app/bid.ts'
import { ask } from './app/bridge.ts'
import { testDisplay } from '../../build/testing/display.mjs'
import { handsOn } from './app/hands.ts'
import { checkoutLauncher, launchApp } from './app/launch.ts'
import type { RunningApp } from './app/launch.ts'
import { makeSoftSkf } from '../fakes/skf/soft-skf.ts'
import { gmCa } from '../fixtures/gm-ca.ts'

let driven: { readonly folder: string; readonly executable: string }

beforeAll(async () => {
  await checkoutLauncher()
  driven = await packApp({ forTests: true, output: 'out/pack-driven' })
}, 300_000)

describe('the directory users get', () => {
  let shipped: { readonly folder: string; readonly executable: string }

  beforeAll(async () => {
    shipped = await packApp({ output: 'out/pack-shipped' })
  }, 120_000)

  test('A10: holds the built programs and nothing else', () => {
    const files = filesInAsar(join(shipped.folder, 'resources/app.asar'))
    const allowed = [
      /^package\.json$/,
      /^out\/main\/index\.cjs$/,
      /^out\/preload\/(pin-)?preload\.cjs$/,
      /^out\/renderer\/[a-z]+\.html$/,
      /^out\/renderer\/assets\/[A-Za-z0-9_.-]+\.(js|css|svg|png|woff2|ttf)$/,
      /^out\/(token-host|practice|pipeline-worker)\.cjs$/,
      /^out\/fonts\/[A-Za-z0-9_.-]+\.ttf$/,
      /^node_modules\/pkcs11js\/(index\.js|package\.json|build\/Release\/pkcs11\.node)$/,
      /^node_modules\/koffi\/(index\.cjs|package\.json|src\/koffi\/(index|src\/static)\.cjs)$/,
      /^node_modules\/@koromix\/koffi-[a-z0-9-]+\/(index\.js|package\.json|[a-z0-9_]+\/koffi\.node)$/,
    ]
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter(file => !allowed.some(pattern => pattern.test(file)))).toEqual([])
    const bindings = files.filter(file => file.endsWith('.node'))
    // The system loads these from files of their own: the one of PKCS#11, the one of SKF, each once.
    expect(bindings.map(file => file.split('/').at(-1)).sort()).toEqual(['koffi.node', 'pkcs11.node'])
    for (const file of bindings)
      expect(existsSync(join(shipped.folder, 'resources/app.asar.unpacked', file))).toBe(true)
  })

  test.each([
    ...['--remote-debugging-port=0', '--inspect=0', '--disable-web-security'],
    ...['--host-resolver-rules=MAP * 127.0.0.1', '--proxy-server=127.0.0.1:1', '--renderer-cmd-prefix=true'],
  ])('A5: refuses %s', async argument => {
    const env = { ...process.env, DISPLAY: await testDisplay(), BIDSEAL_HOME: join(tmpdir(), 'bidseal-e2e-refused') }
    const args = [...launchArguments(), '--disable-gpu', argument]
    const { status, stderr } = spawnSync(shipped.executable, args, { env, timeout: 20_000, encoding: 'utf8' })
    expect(stderr).toContain('is not allowed')
    expect(stderr).not.toContain('listening on ws://')
    expect(status).toBe(2)
  })
})

test('A5: there are no developer tools in the packed app', async () => {
  const running = await launchApp({}, { executable: driven.executable, args: launchArguments() })
  try {
    const opened = await running.app.evaluate(({ BrowserWindow }) => {
      const { webContents } = BrowserWindow.getAllWindows()[0]!
      webContents.openDevTools()
      return webContents.isDevToolsOpened()
    })
    expect(opened).toBe(false)
  } finally {
    await running.close()
  }
})

test('the packed app finds the locks of an SKF library', async () => {
  const skf = makeSoftSkf('packed')
  const { sign, decrypt } = gmCa().bidder
  skf.addLock({ device: 'KEY', pin: '246810', containers: [{ name: '公章', sign, encrypt: decrypt }] })
  try {
    const how = { executable: driven.executable, args: launchArguments() }
    const running = await launchApp({ env: skf.environment }, how)
    try {
      const hands = handsOn(running, inProject('test-results'))
      await hands.go('locks')
      await hands.willPick(skf.modulePath)
      await hands.press('lock.addModule')
      const found = async (): Promise<unknown> =>
        (await ask(running.page, 'lock.list'))
          .flatMap(({ locks }) => locks)
          .map(({ kind, serial }) => ({ kind, serial }))
      await expect.poll(found, { timeout: 10_000 }).toEqual([{ kind: 'skf', serial: 'KEY-0001' }])
    } finally {
      await running.close()
    }
  } finally {
    skf.remove()
  }
})

// Root can't use Chromium's sandbox. Everybody else runs with it, in all tests; here root becomes somebody else for one.
test('the whole path runs in the packed app for an ordinary user, in the sandbox of the system', async () => {
  const stage = mkdtempSync(join(tmpdir(), 'bidseal-e2e-user-'))
  try {
    const user = await ordinaryUser(stage)
    const running = await launchApp({ home: user.home, env: user.env }, { executable: user.executable, args: [] })
    try {
      const pids = processesOf(running.app.process().pid ?? 0)
      const renderers = pids.filter(({ command }) => command.includes('--type=renderer'))
      expect(renderers.length).toBeGreaterThan(0)
      for (const { pid, command } of renderers) {
        expect(command).not.toContain('--no-sandbox')
        // Filters on system calls, and no way to more rights.
        expect(statusOf(pid)).toMatch(/^Seccomp:\s+2$/m)
        expect(statusOf(pid)).toMatch(/^NoNewPrivs:\s+1$/m)
      }
      expect(await running.app.evaluate(({ app }) => app.isPackaged)).toBe(true)
      // The native binding stands beside the archive and is found.
      const failures = (await ask(running.page, 'lock.list')).map(({ failure }) => failure?.detail ?? '')
      expect(failures.filter(detail => detail.includes('pkcs11js'))).toEqual([])
      await walk(running)
      await running.picture('packed-record')
    } finally {
      await running.close()
    }
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}, 60_000)

afterAll(() => {
  rmSync(join(tmpdir(), 'bidseal-e2e-refused'), { recursive: true, force: true })
})

async function walk(running: RunningApp): Promise<void> {
  const hands = handsOn(running, inProject('test-results'))
  await hands.press('rehearsal.start')
  const pin = (await hands.part('practice-pin').textContent({ timeout: 25_000 })) ?? ''
  await composeBid(running, hands, join(running.home, 'rehearsal', 'documents'))
  await hands.go('seal')
  await hands.confirmWithPin('bid.seal', pin)
  await hands.part('sealed').waitFor({ timeout: 20_000 })
  await hands.go('submit')
  await hands.confirmWithPin('sealed.submit', pin)
  await hands.part('receipt').waitFor({ timeout: 20_000 })
  await hands.press('rehearsal.skipToOpening')
  await hands.go('opening')
  await hands.press('opening.state')
  await hands.confirmWithPin('opening.release', pin)
  await hands.part('released').waitFor({ timeout: 20_000 })
  await hands.go('record')
  await expect.poll(() => hands.part('record-state').getAttribute('data-state'), { timeout: 15_000 }).toBe('opened')
  expect((await ask(running.page, 'sealed.list'))[0]?.state).toBe('opened')
}

interface OrdinaryUser {
  readonly home: string
  readonly executable: string
  readonly env: Readonly<Record<string, string>>
}

/** A copy of the packed app that everybody can read, and who runs it: ourselves, or `nobody` in place of root. */
async function ordinaryUser(stage: string): Promise<OrdinaryUser> {
  const home = join(stage, 'home')
  mkdirSync(home)
  if (process.getuid?.() !== 0) return { home, executable: driven.executable, env: {} }
  chmodSync(stage, 0o755)
  await linkedCopy(driven.folder, join(stage, 'app'))
  const nobody = 65534
  chownSync(home, nobody, nobody)
  const executable = join(stage, 'as-nobody')
  const become = `setpriv --reuid=${nobody} --regid=${nobody} --clear-groups`
  writeFileSync(executable, `#!/bin/sh\nexec ${become} '${join(stage, 'app', 'bidseal')}' "$@"\n`, { mode: 0o755 })
  return { home, executable, env: { HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home } }
}

function processesOf(parent: number): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => isUnder(pid, parent))
    .map(pid => ({ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }))
}

function isUnder(pid: number, ancestor: number): boolean {
  for (let each = pid; each > 1;) {
    if (each === ancestor) return true
    each = Number(/^PPid:\s+(\d+)$/m.exec(statusOf(each))?.[1] ?? 0)
  }
  return false
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
