import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configuredHttp, nodeHttp, readAuthorities, trustContext } from '../../../main/http/index.ts'
import { codeOf } from '../../fixtures/practice-platform.ts'
import { makeTestAuthority, type TestAuthority } from '../../fixtures/network/tls-server.ts'

let authority: TestAuthority
let folder: string
const servers: Server[] = []
let asked = 0

beforeAll(() => {
  authority = makeTestAuthority()
  folder = mkdtempSync(join(tmpdir(), 'bidseal-trust-'))
})

afterAll(() => {
  for (const server of servers) server.close()
  authority.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function serve(names: readonly string[], days = '20'): Promise<string> {
  const server = authority.serverFor(
    names,
    (_, response) => {
      asked++
      response.end('hello')
    },
    { days },
  )
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe('whom TLS trusts', () => {
  it('is an authority of the user beside the usual ones, for the command line by its settings', async () => {
    const url = await serve(['127.0.0.1'])
    expect(await codeOf(nodeHttp().request({ method: 'GET', url }))).toBe('platform.certificate')
    const http = configuredHttp({
      settings: () => Promise.resolve({ proxy: { mode: 'system' }, authorities: [authority.rootFile] }),
      environment: {},
      password: () => Promise.resolve(null),
    })
    expect((await http.request({ method: 'GET', url })).status).toBe(200)
  })

  it('still is who was trusted before', async () => {
    // The usual list is in the context: more authorities than the one that was added.
    const { rootCertificates } = await import('node:tls')
    const context = await trustContext([authority.root], {})
    const plain = await trustContext([], {})
    expect(rootCertificates.length).toBeGreaterThan(50)
    const url = new URL(await serve(['127.0.0.1']))
    const authorised = (secureContext: typeof context): Promise<boolean> =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port: Number(url.port), secureContext, rejectUnauthorized: false })
        socket.once('secureConnect', () => {
          resolve(socket.authorized)
          socket.destroy()
        })
        socket.once('error', reject)
      })
    expect([await authorised(context), await authorised(plain)]).toEqual([true, false])
    const extra = { NODE_EXTRA_CA_CERTS: authority.rootFile }
    expect(await authorised(await trustContext([], extra))).toBe(true)
  })

  it('is nobody whose certificate names another host or has expired, and nothing is sent', async () => {
    const http = nodeHttp({ trust: await trustContext([authority.root]) })
    const before = asked
    for (const url of [await serve(['other.test']), await serve(['127.0.0.1'], '-1')]) {
      expect(await codeOf(http.request({ method: 'GET', url }))).toBe('platform.certificate')
    }
    expect(asked).toBe(before)
  })

  it('is not changed by the variable that makes Node accept anybody', async () => {
    const url = await serve(['127.0.0.1'])
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      expect(await codeOf(nodeHttp().request({ method: 'GET', url }))).toBe('platform.certificate')
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    }
  })

  it('is not guessed: a file of authorities that is missing, empty or damaged is said', async () => {
    expect(await codeOf(readAuthorities([join(folder, 'missing.pem')]))).toBe('input.unreadable')
    writeFileSync(join(folder, 'empty.pem'), '\n')
    expect(await codeOf(readAuthorities([join(folder, 'empty.pem')]))).toBe('input.unreadable')
    writeFileSync(join(folder, 'odd.pem'), authority.root.replace(/[A-Za-z0-9]{20}/, 'AAAAAAAAAAAAAAAAAAAA'))
    expect(await codeOf(readAuthorities([join(folder, 'odd.pem')]))).toBe('input.unreadable')
  })
})
