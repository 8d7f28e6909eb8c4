import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { inProject } from '../../build/project.mjs'
import { channels, requests } from '../../main/contract/requests.ts'
import { ask, refusal } from './app/bridge.ts'
import { checkoutLauncher, launchApp, secondInstance } from './app/launch.ts'
import type { RunningApp } from './app/launch.ts'
import { listen, listenRaw } from './app/listener.ts'
import type { Listener } from './app/listener.ts'

let running: RunningApp
let foreign: Listener

beforeAll(async () => {
  foreign = await listen()
  await checkoutLauncher()
  running = await launchApp()
}, 180_000)

afterAll(async () => {
  await running.close()
  await foreign.close()
})

beforeEach(async () => {
  expect(running.page.url()).toBe('app://ui/index.html')
})

/** The page still stands, and nobody has been asked. */
function expectUntouched(): void {
  expect(running.page.url()).toBe('app://ui/index.html')
  expect(running.app.windows()).toHaveLength(1)
  expect(foreign.requests).toEqual([])
}

describe('the page has no power of its own', () => {
  test('S2, S4: no Node, no process, no Electron in it', async () => {
    const kinds = await running.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'global', 'electron'].map(
        name => typeof Reflect.get(globalThis, name),
      ),
    )
    expect(kinds).toEqual(Array(6).fill('undefined'))
  })

  test('S3, S4, S11, A4: its window was made with every lock shut', async () => {
    const preferences = await running.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents
      const all = Reflect.get(contents, 'getLastWebPreferences') as () => Record<string, unknown>
      const { session } = contents
      return { ...all.call(contents), storagePath: session.storagePath, persistent: session.isPersistent() }
    })
    expect(preferences).toMatchObject({
      ...{ contextIsolation: true, sandbox: true, nodeIntegration: false },
      ...{ nodeIntegrationInSubFrames: false, webviewTag: false },
      ...{ webSecurity: true, allowRunningInsecureContent: false, experimentalFeatures: false },
      ...{ storagePath: null, persistent: false },
    })
  })

  test('S20: what is exposed is the contract and nothing else', async () => {
    const exposed = await running.page.evaluate(() => {
      const surface = Reflect.get(globalThis, 'bidseal') as Record<string, unknown>
      return Object.entries(surface).map(([name, value]) => [name, typeof value])
    })
    const expected = [...channels, 'onEvent'].sort().map(name => [name, 'function'])
    expect(exposed.sort()).toEqual(expected)
    expect(await running.page.evaluate(() => typeof Reflect.get(globalThis, 'bidsealPin'))).toBe('undefined')
  })

  test('S20: a listener is handed the event and no object of Electron', async () => {
    await running.page.evaluate(() => {
      const surface = Reflect.get(globalThis, 'bidseal') as {
        onEvent: (listener: (...all: unknown[]) => void) => () => void
      }
      const heard = new Promise(resolve => {
        const stop = surface.onEvent((...all) => {
          stop()
          resolve(all)
        })
      })
      Reflect.set(globalThis, 'heard', heard)
    })
    await running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]!.webContents.send('event', { kind: 'locks-changed' }),
    )
    const heard: unknown = await running.page.evaluate(() => Reflect.get(globalThis, 'heard') as Promise<unknown>)
    expect(heard).toEqual([{ kind: 'locks-changed' }])
  })
})

describe('nothing else is ever shown', () => {
  test('S1: an address loaded by the main process ends on the page', async () => {
    await running.page.evaluate(() => Reflect.set(globalThis, 'before', true))
    await running.app.evaluate(async ({ BrowserWindow }, url) => {
      await BrowserWindow.getAllWindows()[0]!
        .loadURL(url)
        .catch(() => undefined)
    }, foreign.url)
    const isBack = (): Promise<boolean> =>
      running.page
        .evaluate(
          () => !Reflect.has(globalThis, 'before') && document.readyState === 'complete' && location.host === 'ui',
        )
        .catch(() => false)
    await expect.poll(isBack, { timeout: 10_000 }).toBe(true)
    expectUntouched()
  })

  test('S1, S18: a file loaded by the main process is not shown either', async () => {
    const outcome = await running.app.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents
      const shown = await contents.loadURL('file:///etc/hostname').then(
        () => 'shown',
        () => 'refused',
      )
      return shown
    })
    expect(outcome).toBe('refused')
    const isBack = (): Promise<boolean> =>
      running.page
        .evaluate(() => document.readyState === 'complete' && location.href === 'app://ui/index.html')
        .catch(() => false)
    await expect.poll(isBack, { timeout: 10_000 }).toBe(true)
    expectUntouched()
  })

  test.each([
    ['location', (url: string): void => void (location.href = url)],
    ['location.replace', (url: string): void => location.replace(url)],
    ['a file', (): void => void (location.href = 'file:///etc/hostname')],
    ['the other page of the app', (): void => void (location.href = 'app://pin/pin.html')],
    [
      'a link',
      (url: string) => {
        const link = document.createElement('a')
        link.href = url
        document.body.append(link)
        link.click()
        link.remove()
      },
    ],
    [
      'a form',
      (url: string) => {
        const form = document.createElement('form')
        form.action = url
        document.body.append(form)
        form.submit()
        form.remove()
      },
    ],
    [
      'a refresh',
      (url: string) => {
        const meta = document.createElement('meta')
        meta.httpEquiv = 'refresh'
        meta.content = `0;url=${url}`
        document.head.append(meta)
        meta.remove()
      },
    ],
    [
      'a frame',
      (url: string) => {
        const frame = document.createElement('iframe')
        frame.src = url
        document.body.append(frame)
        setTimeout(() => frame.remove(), 80)
      },
    ],
  ] as const)('S13: not by %s', async (_, leave) => {
    await running.page.evaluate(leave, foreign.url)
    await running.page.waitForTimeout(120)
    expectUntouched()
  })

  test('S13: not by a file that is dropped on it', async () => {
    const driver = await running.page.context().newCDPSession(running.page)
    const data = { items: [], files: [inProject('package.json')], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await driver.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data })
    }
    await running.page.waitForTimeout(120)
    await driver.detach()
    expectUntouched()
  })

  test('S14: no window opens, by script, by link, by middle click', async () => {
    expect(await running.page.evaluate(url => window.open(url) === null, foreign.url)).toBe(true)
    await running.page.evaluate(url => {
      const link = document.createElement('a')
      link.id = 'way-out'
      link.href = url
      link.target = '_blank'
      link.textContent = 'out'
      link.style.cssText = 'position:fixed;top:0;left:0;z-index:99999'
      document.body.append(link)
    }, foreign.url)
    await running.page.mouse.click(8, 8)
    await running.page.mouse.click(8, 8, { button: 'middle' })
    await running.page.evaluate(() => document.getElementById('way-out')?.remove())
    await running.page.waitForTimeout(100)
    expectUntouched()
  })

  test('S12: a guest is not attached', async () => {
    await running.page.evaluate(url => {
      const guest = document.createElement('webview')
      guest.setAttribute('src', url)
      document.body.append(guest)
      setTimeout(() => guest.remove(), 80)
    }, foreign.url)
    await running.page.waitForTimeout(120)
    expectUntouched()
  })

  test('A4: nothing is downloaded', async () => {
    const began = running.app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<string>(resolve => {
          BrowserWindow.getAllWindows()[0]!.webContents.session.once('will-download', (event, item) => {
            setTimeout(() => resolve(event.defaultPrevented ? 'prevented' : item.getState()), 50)
          })
        }),
    )
    await running.page.evaluate(() => {
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob(['x']))
      link.download = 'x.txt'
      link.click()
    })
    expect(await began).toBe('prevented')
  })
})

describe('the content security policy holds', () => {
  test('S7: no inline script, no eval', async () => {
    const ran = await running.page.evaluate(async () => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.inlineRan = true'
      document.body.append(script)
      const host = document.createElement('div')
      host.innerHTML = '<img src="data:," onerror="globalThis.handlerRan = true">'
      document.body.append(host)
      await new Promise(resolve => setTimeout(resolve, 60))
      script.remove()
      host.remove()
      return ['inlineRan', 'handlerRan'].filter(name => Reflect.has(globalThis, name))
    })
    expect(ran).toEqual([])
    const blocked = running.page.evaluate(
      () =>
        new Promise<string>(resolve => {
          document.addEventListener('securitypolicyviolation', event => resolve(event.blockedURI), { once: true })
          setTimeout(() => void Reflect.apply(setTimeout, globalThis, ['globalThis.evalRan = true', 0]), 0)
        }),
    )
    expect(await blocked).toBe('eval')
    expect(await running.page.evaluate(() => Reflect.has(globalThis, 'evalRan'))).toBe(false)
  })

  test('S7, A3: nothing is fetched from anywhere but the page’s own origin', async () => {
    const outcomes = await running.page.evaluate(async url => {
      const tries: Record<string, () => Promise<unknown>> = {
        http: () => fetch(url),
        pin: () => fetch('app://pin/pin.html'),
        file: () => fetch('file:///etc/hostname'),
        socket: () =>
          new Promise((resolve, reject) => {
            const socket = new WebSocket(url.replace('http', 'ws'))
            socket.onopen = resolve
            socket.onerror = reject
          }),
        picture: () =>
          new Promise((resolve, reject) => {
            const image = new Image()
            image.onload = resolve
            image.onerror = reject
            image.src = `${url}x.png`
          }),
        beacon: async () => {
          if (!navigator.sendBeacon(url, 'x')) throw new Error('refused')
          // Chromium answers before the policy has been asked; the server will tell.
          throw new Error('sent into nothing')
        },
        own: () => fetch('app://ui/index.html'),
      }
      const results = await Promise.all(
        Object.entries(tries).map(async ([name, act]) => [
          name,
          await act().then(
            () => 'answered',
            () => 'blocked',
          ),
        ]),
      )
      return Object.fromEntries(results) as Record<string, string>
    }, foreign.url)
    expect(outcomes).toEqual({
      ...{ http: 'blocked', pin: 'blocked', file: 'blocked', socket: 'blocked', picture: 'blocked', beacon: 'blocked' },
      own: 'answered',
    })
    expectUntouched()
  })

  test('A3: the session itself reaches nothing, policy or not', async () => {
    const outcomes = await running.app.evaluate(async ({ BrowserWindow, session, net }, url) => {
      const sessions = [BrowserWindow.getAllWindows()[0]!.webContents.session, session.defaultSession]
      return Promise.all(
        sessions.map(
          each =>
            new Promise<string>(resolve => {
              const request = net.request({ url, session: each })
              request.on('response', () => resolve('answered'))
              request.on('error', error => resolve(error.message))
              request.end()
            }),
        ),
      )
    }, foreign.url)
    expect(outcomes).toEqual(['net::ERR_BLOCKED_BY_CLIENT', 'net::ERR_BLOCKED_BY_CLIENT'])
    expectUntouched()
  })

  test('A3: WebRTC gets out neither over UDP nor over TCP', async () => {
    const raw = await listenRaw()
    try {
      await running.page.evaluate(
        async ({ udp, tcp }) => {
          const user = { username: 'u', credential: 'p' }
          const iceServers = [
            { urls: `stun:127.0.0.1:${udp}` },
            { urls: `turn:127.0.0.1:${udp}?transport=udp`, ...user },
            { urls: `turn:127.0.0.1:${tcp}?transport=tcp`, ...user },
          ]
          const connection = new RTCPeerConnection({ iceServers })
          connection.createDataChannel('out')
          await connection.setLocalDescription(await connection.createOffer())
          await new Promise(resolve => setTimeout(resolve, 2_000))
          connection.close()
        },
        { udp: raw.udp, tcp: raw.tcp },
      )
      expect(raw.came()).toEqual({ udp: 0, tcp: 0 })
    } finally {
      await raw.close()
    }
    expectUntouched()
  })

  test('S7: each answer has a nonce of its own', async () => {
    const policies = await running.page.evaluate(async () => {
      const answers = await Promise.all([fetch('app://ui/index.html'), fetch('app://ui/index.html')])
      return answers.map(answer => answer.headers.get('content-security-policy'))
    })
    expect(policies[0]).toContain("'nonce-")
    expect(policies[0]).not.toBe(policies[1])
  })

  test('S18: nothing outside the folder, no other method', async () => {
    const statuses = await running.page.evaluate(async () => {
      const ask = async (path: string, init?: RequestInit): Promise<number> => (await fetch(path, init)).status
      return Promise.all([
        ask('app://ui/../main/index.cjs'),
        ask('app://ui/%2e%2e/main/index.cjs'),
        ask('app://ui/..%2fmain/index.cjs'),
        ask('app://ui/..%5cmain%5cindex.cjs'),
        ask('app://ui/nothing.html'),
        ask('app://ui/index.html', { method: 'POST' }),
      ])
    })
    expect(statuses).toEqual([404, 404, 404, 404, 404, 405])
  })
})

test('S5: every permission is refused', async () => {
  const outcomes = await running.page.evaluate(async () => {
    const refused = (act: () => Promise<unknown>): Promise<string> =>
      act().then(
        () => 'given',
        () => 'refused',
      )
    const device = (name: string, method: string): Promise<string> =>
      refused(async () => {
        const api = Reflect.get(navigator, name) as Record<string, (options: object) => Promise<unknown>> | undefined
        await api![method]!({ filters: [] })
      })
    return {
      notification: await Notification.requestPermission(),
      camera: await refused(() => navigator.mediaDevices.getUserMedia({ video: true })),
      screen: await refused(() => navigator.mediaDevices.getDisplayMedia()),
      place: await refused(() => new Promise((give, refuse) => navigator.geolocation.getCurrentPosition(give, refuse))),
      usb: await device('usb', 'requestDevice'),
      hid: await device('hid', 'requestDevice'),
      serial: await device('serial', 'requestPort'),
      clipboard: await refused(() => navigator.clipboard.readText()),
    }
  })
  const { notification, ...others } = outcomes
  expect(notification).toBe('denied')
  expect(new Set(Object.values(others))).toEqual(new Set(['refused']))
})

describe('the gate', () => {
  test.each(channels)('A1: refuses %s with an argument too many, too few, and of a wrong kind', async channel => {
    const count = requests[channel].checks.length
    const wrong: unknown[][] = [Array(count + 1).fill('0'.repeat(32))]
    if (count > 0) wrong.push(Array(count - 1).fill('0'.repeat(32)), Array(count).fill({}), Array(count).fill(null))
    for (const args of wrong)
      expect(await refusal(running.page, channel, args)).toMatchObject({ code: 'bridge.arguments' })
  })

  test('S17: refuses a window it did not make, though page, preload and session are the right ones', async () => {
    const answer = await running.app.evaluate(async ({ BrowserWindow }, preload) => {
      const { session } = BrowserWindow.getAllWindows()[0]!.webContents
      const webPreferences = { session, preload, sandbox: true, contextIsolation: true }
      const stranger = new BrowserWindow({ show: false, webPreferences })
      try {
        await stranger.loadURL('app://ui/index.html')
        return (await stranger.webContents.executeJavaScript("window.bidseal['app.state']()")) as unknown
      } finally {
        stranger.destroy()
      }
    }, inProject('out/preload/preload.cjs'))
    expect(answer).toEqual({ ok: false, failure: { code: 'bridge.sender', detail: 'the caller is not trusted' } })
  })

  test('A2: what is told of drivers holds no path', async () => {
    const modules = await ask(running.page, 'lock.list')
    expect(JSON.stringify(modules)).not.toMatch(/[/\\](usr|lib|home|tmp)[/\\]/)
  })
})

test('A7: a core dump of the main process would hold no memory', () => {
  if (process.platform !== 'linux') return
  const pid = running.app.process().pid ?? 0
  expect(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8').trim()).toBe('00000000')
})

test('A11: a second instance for the same home ends at once', async () => {
  expect(await secondInstance(running)).toBe(0)
  expectUntouched()
})
