import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createTcp } from 'node:net'
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppFailure } from '../../../main/contract/failure.ts'
import { configuredHttp, isUnreachable, nodeHttp, ProxyAsks, trustContext, wayOut } from '../../../main/http/index.ts'
import type { HttpPort, WayOut } from '../../../main/http/index.ts'
import type { NetworkSettings } from '../../../main/store/index.ts'
import { codeOf } from '../../fixtures/practice-platform.ts'
import { startProxy, type TestProxy } from '../../fixtures/network/proxy.ts'
import { makeTestAuthority, type TestAuthority } from '../../fixtures/network/tls-server.ts'

let authority: TestAuthority
let proxy: TestProxy
const servers: (Server | TcpServer)[] = []
const seen: string[] = []
/** Names no resolver knows: only a proxy can reach them. */
const hosts: Record<string, number> = {}

const listener: RequestListener = (request, response) => {
  seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? '-'}`)
  const pieces: Uint8Array[] = []
  request.on('data', (piece: Uint8Array) => pieces.push(piece))
  request.on('end', () => response.end(`${request.headers.host ?? ''} ${Buffer.concat(pieces).length}`))
}

beforeAll(async () => {
  authority = makeTestAuthority()
  hosts['platform.test'] = await listen(createServer(listener))
  hosts['secure.test'] = await listen(authority.serverFor(['secure.test'], listener))
})

afterAll(() => {
  for (const server of servers) server.close()
  authority.remove()
})

beforeEach(async () => {
  proxy = await startProxy({ user: 'zhang:p@ss:密', hosts })
  seen.length = 0
})

afterEach(async () => {
  await proxy.close()
})

async function listen(server: Server | TcpServer): Promise<number> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function way(password: string | null = 'p@ss:密', url = proxy.url): WayOut {
  return wayOut({ mode: 'url', url, user: 'zhang' }, { environment: {}, password: () => Promise.resolve(password) })
}

async function through(out: WayOut = way()): Promise<HttpPort> {
  return nodeHttp({ wayOut: out, trust: await trustContext([authority.root]), idleTimeout: 700 })
}

async function textOf(http: HttpPort, url: string, body?: Uint8Array): Promise<string> {
  const response = await http.request({
    method: body === undefined ? 'GET' : 'POST',
    url,
    ...(body === undefined ? {} : { body }),
  })
  return new TextDecoder().decode(await response.bytes(1000))
}

describe('HTTP through a proxy that asks who is there', () => {
  it('asks it for whole addresses, and for tunnels to what speaks TLS', async () => {
    const http = await through()
    expect(await textOf(http, 'http://platform.test/a?b=c')).toBe('platform.test 0')
    expect(await textOf(http, 'https://secure.test/d', new Uint8Array(500_000))).toBe('secure.test 500000')
    expect(proxy.asked).toEqual(['GET http://platform.test/a?b=c', 'CONNECT secure.test:443'])
    // The proxy's password is the proxy's alone.
    expect(seen).toEqual(['GET /a?b=c -', 'POST /d -'])
  })

  it('uses a tunnel again', async () => {
    const http = await through()
    for (let count = 0; count < 3; count++) await textOf(http, 'https://secure.test/')
    expect(proxy.asked).toHaveLength(1)
  })

  it.each(['http://platform.test/', 'https://secure.test/'])('says for %s that the password is wrong', async url => {
    for (const password of ['wrong', null]) {
      const http = await through(way(password))
      expect(await codeOf(http.request({ method: 'GET', url }))).toBe('platform.proxy')
    }
    expect(seen).toEqual([])
  })

  it('is told a password that it refused once no more', async () => {
    const http = await through(way('wrong'))
    for (const url of ['https://secure.test/', 'https://secure.test/', 'http://platform.test/']) {
      const failure = await failureOf(http, url)
      expect([failure.code, failure instanceof ProxyAsks, isUnreachable(failure)]).toEqual([
        'platform.proxy',
        true,
        false,
      ])
    }
    expect(proxy.asked).toHaveLength(1)
  })

  it('may change its mind about a password that it took', async () => {
    const http = await through()
    await textOf(http, 'http://platform.test/')
    proxy.manner = 407
    expect(await codeOf(textOf(http, 'http://platform.test/'))).toBe('platform.proxy')
    proxy.manner = 'serves'
    expect(await textOf(http, 'http://platform.test/')).toBe('platform.test 0')
  })

  it('is another one, with its own password, as soon as the settings say so', async () => {
    const asked: string[] = []
    const password = (user: string, at: string): Promise<string> => {
      asked.push(`${user} ${at}`)
      return Promise.resolve('p@ss:密')
    }
    let settings: NetworkSettings = { proxy: { mode: 'url', url: 'http://127.0.0.1:9' }, authorities: [] }
    const http = configuredHttp({ settings: () => Promise.resolve(settings), environment: {}, password })
    expect(await codeOf(textOf(http, 'http://platform.test/'))).toBe('platform.proxy')
    settings = { ...settings, proxy: { mode: 'url', url: proxy.url, user: 'zhang' } }
    expect(await textOf(http, 'http://platform.test/')).toBe('platform.test 0')
    expect(await textOf(http, 'http://platform.test/')).toBe('platform.test 0')
    expect(asked).toEqual([`zhang ${new URL(proxy.url).host}`])
  })

  it('asks for the password once', async () => {
    let times = 0
    const out = wayOut(
      { mode: 'url', url: proxy.url, user: 'zhang' },
      { environment: {}, password: () => Promise.resolve(`p@ss:密${times++ === 0 ? '' : 'x'}`) },
    )
    const http = await through(out)
    await textOf(http, 'http://platform.test/')
    await textOf(http, 'https://secure.test/')
    expect(times).toBe(1)
  })
})

describe('a proxy that is no good', () => {
  it.each([
    ['silent', 'https://secure.test/', 'platform.proxy'],
    ['dies', 'https://secure.test/', 'platform.proxy'],
    ['garbage', 'https://secure.test/', 'platform.proxy'],
    [403, 'https://secure.test/', 'platform.proxy'],
    [200.5, 'https://secure.test/', 'platform.proxy'],
    [502, 'https://secure.test/', 'platform.unreachable'],
    ['silent', 'http://platform.test/', 'platform.unreachable'],
    ['dies', 'http://platform.test/', 'platform.unreachable'],
    ['garbage', 'http://platform.test/', 'platform.proxy'],
  ] as const)('%s, asked for %s: %s', async (manner, url, code) => {
    proxy.manner = manner === 200.5 ? 302 : manner
    const http = await through()
    expect(await codeOf(http.request({ method: 'GET', url }))).toBe(code)
    expect(seen).toEqual([])
  })

  it('is worth another try when it is away, and not when it refuses', async () => {
    const gone = await startProxy()
    await gone.close()
    const away = await failureOf(await through(way(null, gone.url)), 'https://secure.test/')
    expect([away.code, isUnreachable(away)]).toEqual(['platform.proxy', true])
    const plain = await failureOf(await through(way(null, gone.url)), 'http://platform.test/')
    expect([plain.code, isUnreachable(plain)]).toEqual(['platform.proxy', true])
    const refused = await failureOf(await through(way('wrong')), 'https://secure.test/')
    expect([refused.code, isUnreachable(refused)]).toEqual(['platform.proxy', false])
  })

  it('is not waited for once the caller has stopped', async () => {
    proxy.manner = 'silent'
    const stop = new AbortController()
    const http = nodeHttp({ wayOut: way(), idleTimeout: 30_000 })
    const began = performance.now()
    setTimeout(() => stop.abort(), 30)
    expect(await codeOf(http.request({ method: 'GET', url: 'https://secure.test/', signal: stop.signal }))).toBe(
      'cancelled',
    )
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('cannot speak in the name of the platform', async () => {
    // It answers the request for a tunnel as if it were the server behind it.
    proxy.manner = 404
    const http = await through()
    expect(await codeOf(http.request({ method: 'GET', url: 'https://secure.test/receipt' }))).toBe('platform.proxy')
    // It makes the tunnel end at itself, with a certificate of its own making.
    const other = makeTestAuthority()
    const port = await listen(other.serverFor(['secure.test'], listener))
    proxy.manner = 'serves'
    const before = hosts['secure.test']
    hosts['secure.test'] = port
    expect(await codeOf(http.request({ method: 'GET', url: 'https://secure.test/receipt' }))).toBe(
      'platform.certificate',
    )
    if (before !== undefined) hosts['secure.test'] = before
    other.remove()
    expect(seen).toEqual([])
  })

  it('that talks without end is cut off', async () => {
    let sent = 0
    const sockets: Socket[] = []
    const port = await listen(
      createTcp(socket => {
        sockets.push(socket)
        socket.on('error', () => undefined)
        socket.write('HTTP/1.1 200 OK\r\n')
        const more = (): void => {
          while (!socket.destroyed && socket.write(`x-filler: ${'y'.repeat(1000)}\r\n`)) sent += 1000
          sent += 1000
        }
        socket.on('drain', more)
        more()
      }),
    )
    const http = await through(way(null, `http://127.0.0.1:${port}`))
    expect(await codeOf(http.request({ method: 'GET', url: 'https://secure.test/' }))).toBe('platform.proxy')
    expect(sent).toBeLessThan(20_000_000)
    for (const socket of sockets) socket.destroy()
  })
})

describe('which way out', () => {
  const of = async (target: string, environment: Record<string, string>): Promise<string> => {
    const found = await wayOut(
      { mode: 'system' },
      { environment, password: () => Promise.resolve(null) },
    )(new URL(target))
    return found === null ? 'straight' : `${found.url.origin} ${found.authorization ?? '-'}`
  }
  const both = { HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://u%40x:p%3A@tls:2/' }

  it.each([
    ['http://a.example/', both, 'http://plain:1 -'],
    ['https://a.example/', both, `http://tls:2 Basic ${Buffer.from('u@x:p:').toString('base64')}`],
    ['https://a.example/', { ...both, https_proxy: 'small:3' }, 'http://small:3 -'],
    ['https://a.example/', { ALL_PROXY: 'https://all:4' }, 'https://all:4 -'],
    ['https://a.example/', {}, 'straight'],
    ['https://a.example/', { ...both, NO_PROXY: 'b.example, a.example' }, 'straight'],
    ['https://x.a.example/', { ...both, NO_PROXY: '.a.example' }, 'straight'],
    ['https://xa.example/', { ...both, NO_PROXY: 'a.example' }, 'http://tls:2'],
    ['https://a.example:8443/', { ...both, NO_PROXY: 'a.example:8443' }, 'straight'],
    ['https://a.example/', { ...both, NO_PROXY: 'a.example:8443' }, 'http://tls:2'],
    ['https://a.example/', { ...both, NO_PROXY: '*' }, 'straight'],
    ['https://10.1.2.3/', { ...both, NO_PROXY: '10.1.2.3' }, 'straight'],
    ['https://[fd00::1]/', { ...both, NO_PROXY: 'fd00::1' }, 'straight'],
    ['http://localhost:8080/', both, 'straight'],
    ['http://127.8.9.1/', both, 'straight'],
    ['http://0x7f.1/', both, 'straight'],
    ['https://[::1]/', both, 'straight'],
    ['https://[::ffff:127.0.0.1]/', both, 'straight'],
    ['https://localhost.example/', both, 'http://tls:2'],
  ])('%s with %j: %s', async (target, environment, expected) => {
    expect(await of(target, environment)).toContain(expected)
  })

  it('is not guessed where the environment names what is no HTTP proxy', async () => {
    expect(await codeOf(of('https://a.example/', { HTTPS_PROXY: 'socks5://x:1' }))).toBe('platform.proxy')
    expect(await codeOf(of('https://a.example/', { HTTPS_PROXY: 'http://:::' }))).toBe('platform.proxy')
  })

  it('leads past no configured proxy but for this computer itself', async () => {
    expect((await way(null)(new URL('https://a.example/')))?.url.origin).toBe(proxy.url)
    expect(await way(null)(new URL('http://127.0.0.1:1/'))).toBeNull()
    const none = wayOut({ mode: 'none' }, { environment: both, password: () => Promise.resolve(null) })
    expect(await none(new URL('https://a.example/'))).toBeNull()
  })
})

async function failureOf(http: HttpPort, url: string): Promise<AppFailure> {
  try {
    await http.request({ method: 'GET', url })
  } catch (error) {
    if (error instanceof AppFailure) return error
  }
  throw new Error('it did not fail')
}
