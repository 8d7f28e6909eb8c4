import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inProject } from '../../build/project.mjs'
import { encodeName, issueCertificate, toPem } from '../../crypto/index.ts'
import type { HttpRequest } from '../../main/http/index.ts'
import { checkoutLauncher, launchApp } from './app/launch.ts'
import type { RunningApp } from './app/launch.ts'

// The port over Electron's network, run in the app's own main process against real servers.
let running: RunningApp
let folder: string
let program: string
const servers: Server[] = []
let plain: string
let secure: string
const seen: string[] = []

const answers: RequestListener = (request, response) => {
  seen.push(request.url ?? '')
  const pieces: Uint8Array[] = []
  request.on('data', (piece: Uint8Array) => pieces.push(piece))
  request.on('end', () => {
    const length = Buffer.concat(pieces).length
    if (request.url === '/redirect') response.writeHead(302, { location: '/elsewhere' }).end()
    else if (request.url === '/long') response.end(Buffer.alloc(1_000_000))
    else if (request.url === '/broken') {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('half')
      setTimeout(() => response.destroy(), 20)
    } else if (request.url === '/never') return
    else {
      const told = { method: request.method, length, declared: request.headers['content-length'] ?? null }
      const headers = { 'x-a': '1', 'set-cookie': ['c=1', 'd=2'], cookie: request.headers.cookie ?? 'none' }
      response.writeHead(200, headers).end(JSON.stringify(told))
    }
  })
}

beforeAll(async () => {
  await checkoutLauncher()
  folder = mkdtempSync(join(tmpdir(), 'bidseal-e2e-network-'))
  program = join(folder, 'electron-http.cjs')
  await build({
    entryPoints: [inProject('main/shell/electron-http.ts')],
    outfile: program,
    ...{
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node18.15',
      external: ['electron'],
      logLevel: 'error',
    },
  })
  plain = await listenOn(createServer(answers), 'http')
  secure = await listenOn(createSecureServer(selfSigned(), answers), 'https')
  running = await launchApp()
}, 180_000)

afterAll(async () => {
  await running.close()
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Asked extends Omit<HttpRequest, 'body' | 'signal'> {
  /** So many bytes at hand, or in pieces. */
  readonly bytes?: number
  readonly pieces?: number
  readonly cancelAfter?: number
  readonly limit?: number
}

interface Outcome {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly length?: number
  readonly code?: string
}

function ask(request: Asked): Promise<Outcome> {
  return running.app.evaluate(
    async ({ session }, { program: path, request: asked }) => {
      const main = Reflect.get(process, 'mainModule') as NodeJS.Module
      const { electronHttp } = main.require(path) as typeof import('../../main/shell/electron-http.ts')
      const port = electronHttp({ session: session.fromPartition('network'), idleTimeout: 1_000 })
      const { bytes, pieces, cancelAfter, limit = 2_000_000, ...rest } = asked
      const stop = new AbortController()
      if (cancelAfter !== undefined) setTimeout(() => stop.abort(), cancelAfter)
      async function* inPieces(count: number): AsyncGenerator<Uint8Array> {
        for (let piece = 0; piece < count; piece += 1) yield new Uint8Array(1000)
      }
      const body = bytes === undefined ? (pieces === undefined ? undefined : inPieces(pieces)) : new Uint8Array(bytes)
      try {
        const response = await port.request({ ...rest, signal: stop.signal, ...(body === undefined ? {} : { body }) })
        const received = await response.bytes(limit)
        return {
          status: response.status,
          headers: response.headers,
          length: received.length,
          body: new TextDecoder().decode(received.subarray(0, 200)),
        }
      } catch (error) {
        return { code: String(Reflect.get(Object(error) as object, 'code')) }
      }
    },
    { program, request },
  )
}

test('asks and reads, and sends no cookie', async () => {
  await ask({ method: 'GET', url: `${plain}/a` })
  const { status, headers, body } = await ask({ method: 'GET', url: `${plain}/a` })
  expect(status).toBe(200)
  expect(headers).toMatchObject({ 'x-a': '1', 'set-cookie': 'c=1, d=2', cookie: 'none' })
  expect(JSON.parse(body ?? '')).toEqual({ method: 'GET', length: 0, declared: null })
})

test('sends bytes at hand with their length, and a stream in pieces', async () => {
  const patched = await ask({ method: 'PATCH', url: `${plain}/b`, bytes: 300_000 })
  expect(JSON.parse(patched.body ?? '')).toEqual({ method: 'PATCH', length: 300_000, declared: '300000' })
  const posted = await ask({ method: 'POST', url: `${plain}/b`, pieces: 300 })
  expect(JSON.parse(posted.body ?? '')).toEqual({ method: 'POST', length: 300_000, declared: null })
  const empty = await ask({ method: 'POST', url: `${plain}/b` })
  expect(JSON.parse(empty.body ?? '')).toMatchObject({ method: 'POST', length: 0 })
})

test('answers a redirect as it is, and goes nowhere', async () => {
  expect(await ask({ method: 'GET', url: `${plain}/redirect` })).toMatchObject({ status: 302, length: 0 })
  expect(seen).not.toContain('/elsewhere')
})

test.each([
  ['nobody listens', '/', 'platform.unreachable', { url: 'http://127.0.0.1:1/' }],
  ['the answer breaks off', '/broken', 'platform.unreachable', {}],
  ['nothing is heard for too long', '/never', 'platform.unreachable', {}],
  ['the caller stops', '/never', 'cancelled', { cancelAfter: 50 }],
  ['the answer is longer than allowed', '/long', 'platform.refused', { limit: 1000 }],
  ['the address is of another kind', '/', 'arguments.bad', { url: 'file:///etc/hostname' }],
] as const)('when %s it says so', async (_, path, code, more) => {
  expect(await ask({ method: 'GET', url: `${plain}${path}`, ...more })).toEqual({ code })
})

test('A8: a server whose certificate nobody vouches for is not spoken to', async () => {
  expect(await ask({ method: 'GET', url: `${secure}/secret` })).toEqual({ code: 'platform.certificate' })
  expect(seen).not.toContain('/secret')
})

async function listenOn(server: Server, scheme: string): Promise<string> {
  servers.push(server)
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const certificate = issueCertificate({
    subject: encodeName([['CN', '127.0.0.1']]),
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    issuer: { certificate: 'self', privateKey: createPrivateKey(key) },
    serial: new Uint8Array([1, 2, 3]),
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    profile: 'root',
  })
  return { key, cert: toPem(certificate, 'CERTIFICATE') }
}
