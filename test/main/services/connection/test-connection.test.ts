import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createTcp } from 'node:net'
import type { AddressInfo, Server as TcpServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../crypto/index.ts'
import { nodeHttp, straight, trustContext, wayOut } from '../../../../main/http/index.ts'
import type { WayOut } from '../../../../main/http/index.ts'
import { httpPlatform } from '../../../../main/platform/index.ts'
import { testConnection } from '../../../../main/services/connection/test-connection.ts'
import type { ConnectionReport } from '../../../../main/services/connection/layers.ts'
import { codeOf } from '../../../fixtures/practice-platform.ts'
import { startProxy, type TestProxy } from '../../../fixtures/network/proxy.ts'
import { makeTestAuthority, type TestAuthority } from '../../../fixtures/network/tls-server.ts'

let authority: TestAuthority
let proxy: TestProxy
const servers: (Server | TcpServer)[] = []
const hosts: Record<string, number> = {}
let ahead = 0

const platform: RequestListener = (_, response) => {
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ serverTime: new Date(Date.now() + ahead).toISOString() }))
}

beforeAll(async () => {
  authority = makeTestAuthority()
  hosts['platform.test'] = await listen(createServer(platform))
  hosts['secure.test'] = await listen(authority.serverFor(['secure.test', '127.0.0.1'], platform))
})

afterAll(() => {
  for (const server of servers) server.close()
  authority.remove()
})

beforeEach(async () => {
  ahead = 0
  proxy = await startProxy({ user: 'zhang:secret', hosts })
})

afterEach(async () => {
  await proxy.close()
})

async function listen(server: Server | TcpServer): Promise<number> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function tested(url: string, way: WayOut = straight, trusting = true): Promise<ConnectionReport> {
  const trust = trusting ? await trustContext([authority.root]) : undefined
  const http = nodeHttp({ wayOut: way, idleTimeout: 500, ...(trust === undefined ? {} : { trust }) })
  const retry = { tries: 1, firstWait: 1, longestWait: 1 }
  const ports = { clock: systemClock, platformAt: (base: string) => httpPlatform(base, http, { retry }) }
  return testConnection(ports, { url, kind: 'platform', wayOut: way, trust, patience: 500 }, {})
}

function by(password: string): WayOut {
  const parts = { environment: {}, password: () => Promise.resolve(password) }
  return wayOut({ mode: 'url', url: proxy.url, user: 'zhang' }, parts)
}

/** Layer by layer: what was found, or how it stands. */
function found({ layers }: ConnectionReport): string[] {
  return layers.map(({ finding, status }) => finding?.code ?? status)
}

describe('the connection test', () => {
  it('finds every layer in order, with the difference of the clocks', async () => {
    ahead = 90_000
    const report = await tested(`https://127.0.0.1:${hosts['secure.test'] ?? 0}/`)
    expect(found(report)).toEqual(['name.known', 'connection.made', 'proxy.none', 'tls.trusted', 'platform.time'])
    expect(report.ok).toBe(true)
    const time = report.layers.at(-1)?.finding
    if (time?.code !== 'platform.time') throw new Error('no time')
    expect(Math.abs(time.offsetMs - 90_000)).toBeLessThanOrEqual(time.uncertaintyMs + 5)
  })

  it('finds them through a proxy, and names its host where it speaks to it', async () => {
    const report = await tested('https://secure.test/', by('secret'))
    expect(found(report)).toEqual(['name.known', 'connection.made', 'proxy.passes', 'tls.trusted', 'platform.time'])
    expect(report.layers.map(({ whose, host }) => `${whose} ${host}`)).toEqual([
      ...Array<string>(3).fill('proxy 127.0.0.1'),
      ...Array<string>(2).fill('server secure.test'),
    ])
    expect((await tested('http://platform.test/', by('secret'))).ok).toBe(true)
  })

  it.each([
    ['a name nobody knows', 'https://no-such-host.invalid/', ['name', 'name.unknown']],
    ['a port nobody listens on', 'http://127.0.0.1:1/', ['connection', 'connection.refused']],
  ])('stops at %s', async (_, url, [layer, code]) => {
    const report = await tested(url)
    const problem = report.layers.find(({ status }) => status === 'problem')
    expect([problem?.layer, problem?.finding?.code]).toEqual([layer, code])
    const after = report.layers.slice(report.layers.findIndex(each => each === problem) + 1)
    expect(new Set(after.map(({ status }) => status))).toEqual(new Set(['not-reached']))
  })

  it.each(['https://secure.test/', 'http://platform.test/'])(
    'says for %s that the proxy wants a password',
    async url => {
      const report = await tested(url, by('wrong'))
      const problem = report.layers.find(({ status }) => status === 'problem')
      expect([problem?.layer, problem?.finding?.code, problem?.whose]).toEqual(['proxy', 'proxy.wants-user', 'proxy'])
      expect(report.layers.at(-1)?.status).toBe('not-reached')
    },
  )

  it('tells a proxy that refuses, one that finds nobody, one that is silent and one that is misnamed apart', async () => {
    const finding = async (way: WayOut): Promise<string | undefined> =>
      (await tested('https://secure.test/', way)).layers.find(({ status }) => status === 'problem')?.finding?.code
    proxy.manner = 403
    expect(await finding(by('secret'))).toBe('proxy.refuses')
    proxy.manner = 502
    expect(await finding(by('secret'))).toBe('proxy.cannot-reach')
    proxy.manner = 'silent'
    expect(await finding(by('secret'))).toBe('proxy.refuses')
    const odd = { environment: { HTTPS_PROXY: 'socks5://x:1' }, password: () => Promise.resolve(null) }
    expect(await finding(wayOut({ mode: 'system' }, odd))).toBe('proxy.misnamed')
  })

  it('tells a certificate of another name, an expired one, an unknown one and no TLS apart', async () => {
    const other = await listen(authority.serverFor(['other.test'], platform))
    const expired = await listen(authority.serverFor(['127.0.0.1'], platform, { days: '-1' }))
    const at = async (port: number | undefined, trusting = true): Promise<string | undefined> =>
      (await tested(`https://127.0.0.1:${port ?? 0}/`, straight, trusting)).layers[3]?.finding?.code
    expect(await at(other)).toBe('tls.other-name')
    expect(await at(expired)).toBe('tls.expired')
    expect(await at(hosts['secure.test'], false)).toBe('tls.untrusted')
    expect(await at(hosts['platform.test'])).toBe('tls.not-spoken')
  })

  it('says when what answers is no platform, or says nothing', async () => {
    const odd = await listen(createServer((_, response) => response.end('<html>log in to the guest network</html>')))
    expect(found(await tested(`http://127.0.0.1:${odd}/`)).at(-1)).toBe('platform.failed')
    const silent = await listen(createTcp(() => undefined))
    const report = await tested(`https://127.0.0.1:${silent}/`)
    expect(report.layers[3]?.finding?.code).toBe('tls.not-spoken')
  })

  it('looks at no other address than http and https', async () => {
    expect(await codeOf(tested('file:///etc/passwd'))).toBe('arguments.bad')
    expect(await codeOf(tested('platform.example'))).toBe('arguments.bad')
  })
})
