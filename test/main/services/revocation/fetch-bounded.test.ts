import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { nodeHttp } from '../../../../main/http/index.ts'
import { fetchBounded } from '../../../../main/services/revocation/fetch-bounded.ts'
import { type AuthorityServer, startAuthorityServer } from '../../../fixtures/authority-server.ts'

const http = nodeHttp()
const list = Buffer.from('a list')
let server: AuthorityServer

beforeAll(async () => {
  server = await startAuthorityServer()
})
beforeEach(() => {
  server.asked.length = 0
  server.say('/list', list)
})
afterAll(() => server.close())

const get = (address: string, limits: Partial<Parameters<typeof fetchBounded>[3]> = {}) =>
  fetchBounded(http, address, { method: 'GET' }, { bytes: 1000, milliseconds: 5000, ...limits })

test('answers the bytes, and sends nothing of ours along', async () => {
  const fetched = await get(`${server.url}/list`)
  expect(fetched).toEqual({ ok: true, bytes: new Uint8Array(list) })
  const [asked] = server.asked
  expect(Object.keys(asked?.headers ?? {}).sort()).toEqual(['connection', 'host'])
})

test.each([
  ['file:///etc/passwd'],
  ['ftp://127.0.0.1/list'],
  ['ldap://127.0.0.1/cn=ca'],
  ['data:text/plain,x'],
  ['//127.0.0.1/list'],
  ['not an address'],
  [''],
])('refuses the address %s without asking anybody', async address => {
  expect(await get(address)).toEqual({ ok: false, trouble: 'address' })
})

test('refuses an address with a name or password in it, or an absurdly long one', async () => {
  const host = server.url.slice('http://'.length)
  for (const address of [`http://user@${host}/list`, `http://u:p@${host}/list`, `${server.url}/${'x'.repeat(2048)}`]) {
    expect(await get(address)).toEqual({ ok: false, trouble: 'address' })
  }
  expect(server.asked).toEqual([])
})

test('follows three redirects, not four, and none to another scheme or with a password', async () => {
  const redirect = (to: string) => (response: ServerResponse) => {
    response.writeHead(302, { location: to }).end()
  }
  for (let step = 1; step <= 4; step += 1) server.say(`/${step}`, redirect(step === 1 ? '/list' : `/${step - 1}`))
  expect(await get(`${server.url}/3`)).toMatchObject({ ok: true })
  expect(await get(`${server.url}/4`)).toEqual({ ok: false, trouble: 'refused' })
  for (const to of [
    'file:///etc/passwd',
    'ldap://127.0.0.1/',
    server.url.replace('http://', 'http://u:p@') + '/list',
  ]) {
    server.say('/elsewhere', redirect(to))
    expect(await get(`${server.url}/elsewhere`)).toEqual({ ok: false, trouble: 'address' })
  }
  // A POST is not turned into anything else.
  server.say('/post', redirect('/list'))
  const post = { method: 'POST', body: new Uint8Array(3) } as const
  expect(await fetchBounded(http, `${server.url}/post`, post, { bytes: 1000, milliseconds: 5000 })).toEqual({
    ok: false,
    trouble: 'refused',
  })
})

test('tells an error page from a list', async () => {
  expect(await get(`${server.url}/missing`)).toEqual({ ok: false, trouble: 'refused' })
  server.say('/empty', response => void response.writeHead(204).end())
  expect(await get(`${server.url}/empty`)).toEqual({ ok: false, trouble: 'refused' })
})

test('reads no more than the limit, whether the server says how much comes or not', async () => {
  const huge = Buffer.alloc(1001)
  server.say('/told', huge)
  server.say('/untold', response => {
    response.writeHead(200)
    for (let sent = 0; sent < 50; sent += 1) response.write(Buffer.alloc(100))
    response.end()
  })
  for (const path of ['/told', '/untold']) {
    expect(await get(server.url + path)).toEqual({ ok: false, trouble: 'too-long' })
  }
  expect(await get(`${server.url}/told`, { bytes: 1001 })).toMatchObject({ ok: true })
})

test('waits no longer than it was told, for a silent server as for one that drips', async () => {
  const drips: NodeJS.Timeout[] = []
  server.say('/silent', () => undefined)
  server.say('/drips', response => {
    response.writeHead(200)
    drips.push(setInterval(() => response.write('.'), 20))
  })
  for (const path of ['/silent', '/drips']) {
    const begun = performance.now()
    expect(await get(server.url + path, { milliseconds: 200 })).toEqual({ ok: false, trouble: 'unreachable' })
    expect(performance.now() - begun).toBeLessThan(2000)
  }
  for (const drip of drips) clearInterval(drip)
})

test('stops at once when asked to', async () => {
  server.say('/silent', () => undefined)
  server.say('/half', response => void response.writeHead(200, { 'content-length': '6' }).write('a l'))
  for (const path of ['/silent', '/half']) {
    const stop = new AbortController()
    const waiting = get(server.url + path, { signal: stop.signal })
    setTimeout(() => stop.abort(), 50)
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
  }
  const stopped = AbortSignal.abort()
  await expect(get(`${server.url}/list`, { signal: stopped })).rejects.toMatchObject({ code: 'cancelled' })
})

test('says that nobody answers', async () => {
  const gone = await startAuthorityServer()
  await gone.close()
  expect(await get(`${gone.url}/list`)).toEqual({ ok: false, trouble: 'unreachable' })
})
