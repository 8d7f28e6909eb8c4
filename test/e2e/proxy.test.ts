import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Session } from 'electron'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inProject } from '../../build/project.mjs'
import type { HttpPort } from '../../main/http/index.ts'
import type { NetworkSettings } from '../../main/store/index.ts'
import { startProxy, type TestProxy } from '../fixtures/network/proxy.ts'
import { makeTestAuthority, type TestAuthority } from '../fixtures/network/tls-server.ts'
import { checkoutLauncher, launchApp } from './app/launch.ts'
import type { RunningApp } from './app/launch.ts'

// The window's network by the network settings: a proxy that wants a password, and an authority of the user's own.
let running: RunningApp
let folder: string
let program: string
let proxy: TestProxy
let authority: TestAuthority
const servers: Server[] = []
const seen: string[] = []
const hosts: Record<string, number> = {}

const listener: RequestListener = (request, response) => {
  seen.push(`${request.method ?? ''} ${request.headers.host ?? ''} ${request.headers['proxy-authorization'] ?? '-'}`)
  let length = 0
  request.on('data', (piece: Uint8Array) => (length += piece.length))
  request.on('end', () => response.end(`${length} ${request.headers['content-length'] ?? 'chunked'}`))
}

beforeAll(async () => {
  await checkoutLauncher()
  folder = mkdtempSync(join(tmpdir(), 'bidseal-e2e-proxy-'))
  program = join(folder, 'app-http.cjs')
  const options = {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18.15',
  } as const
  await build({
    entryPoints: [inProject('main/shell/app-http.ts')],
    outfile: program,
    ...options,
    external: ['electron'],
    logLevel: 'error',
  })
  authority = makeTestAuthority()
  hosts['platform.test'] = await listenOn(createServer(listener))
  hosts['secure.test'] = await listenOn(authority.serverFor(['secure.test'], listener))
  proxy = await startProxy({ user: 'zhang:secret', hosts })
  running = await launchApp()
}, 180_000)

afterAll(async () => {
  await running.close()
  await proxy.close()
  for (const server of servers) server.close()
  authority.remove()
  rmSync(folder, { recursive: true, force: true })
})

interface Asked {
  readonly url: string
  readonly settings: NetworkSettings
  readonly password?: string
  /** So many kilobytes in pieces, their length told. */
  readonly pieces?: number
}

/** What the bundle of `main/shell/app-http.ts` gives; its own types need a program without a page's. */
interface BundledHttp {
  appHttp(options: {
    readonly session: Session
    readonly settings: () => Promise<NetworkSettings>
    readonly environment: Record<string, string | undefined>
  }): HttpPort
}

let count = 0

/** Each request in a session of its own, so that no connection is used again. */
function ask(request: Asked): Promise<string> {
  return running.app.evaluate(
    async ({ session }, { program: path, partition, request: asked }) => {
      const main = Reflect.get(process, 'mainModule') as NodeJS.Module
      const { appHttp } = main.require(path) as BundledHttp
      const { password, pieces } = asked
      const http = appHttp({
        session: session.fromPartition(partition),
        settings: () => Promise.resolve(asked.settings),
        environment: password === undefined ? {} : { BIDSEAL_PROXY_PASSWORD: password },
      })
      async function* inPieces(many: number): AsyncGenerator<Uint8Array> {
        for (let piece = 0; piece < many; piece += 1) yield new Uint8Array(1000)
      }
      const body = pieces === undefined ? {} : { body: inPieces(pieces), length: pieces * 1000 }
      try {
        const response = await http.request({ method: pieces === undefined ? 'GET' : 'PATCH', url: asked.url, ...body })
        return `${response.status} ${new TextDecoder().decode(await response.bytes(1000))}`
      } catch (error) {
        return String(Reflect.get(Object(error) as object, 'code'))
      }
    },
    { program, partition: `proxy-${++count}`, request },
  )
}

const through = (): NetworkSettings => ({
  proxy: { mode: 'url', url: proxy.url, user: 'zhang' },
  authorities: [authority.rootFile],
})

test('goes through the proxy of the settings, which is told who asks', async () => {
  expect(await ask({ url: 'http://platform.test/', settings: through(), password: 'secret' })).toBe('200 0 chunked')
  expect(await ask({ url: 'http://platform.test/', settings: through(), password: 'secret', pieces: 300 })).toBe(
    '200 300000 300000',
  )
  expect(seen.at(-1)).toBe('PATCH platform.test -')
})

test.each(['wrong', undefined])('says that the proxy does not take the password %s', async password => {
  const given = password === undefined ? {} : { password }
  for (const url of ['http://platform.test/', 'https://secure.test/']) {
    expect(await ask({ url, settings: through(), ...given })).toBe('platform.proxy')
  }
})

test('says that a proxy refuses, or is not there', async () => {
  proxy.manner = 403
  expect(await ask({ url: 'https://secure.test/', settings: through(), password: 'secret' })).toBe('platform.proxy')
  proxy.manner = 'serves'
  const gone: NetworkSettings = { proxy: { mode: 'url', url: 'http://127.0.0.1:1' }, authorities: [] }
  expect(await ask({ url: 'http://platform.test/', settings: gone })).toBe('platform.proxy')
})

test('A8: believes an authority of the user’s beside the system’s, through the proxy, and nobody else', async () => {
  const settings = through()
  seen.length = 0
  const strange = { ...settings, authorities: [] }
  expect(await ask({ url: 'https://secure.test/', settings: strange, password: 'secret' })).toBe('platform.certificate')
  expect(seen).toEqual([])
  expect(await ask({ url: 'https://secure.test/', settings, password: 'secret' })).toBe('200 0 chunked')
  const other = makeTestAuthority()
  writeFileSync(join(folder, 'other.pem'), other.root)
  other.remove()
  const mistaken = { ...settings, authorities: [join(folder, 'other.pem')] }
  expect(await ask({ url: 'https://secure.test/', settings: mistaken, password: 'secret' })).toBe(
    'platform.certificate',
  )
})

test('asks this computer itself without the proxy, and nobody when the settings cannot be used', async () => {
  proxy.asked.length = 0
  const url = `http://127.0.0.1:${hosts['platform.test'] ?? 0}/`
  expect(await ask({ url, settings: { ...through(), authorities: [] } })).toBe('200 0 chunked')
  expect(proxy.asked.filter(each => each.includes('127.0.0.1'))).toEqual([])
  const unusable = { ...through(), authorities: [join(folder, 'missing.pem')] }
  expect(await ask({ url, settings: unusable })).toBe('input.unreadable')
})

async function listenOn(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
