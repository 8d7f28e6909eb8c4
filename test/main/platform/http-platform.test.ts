import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeHttp } from '../../../main/http/index.ts'
import { httpPlatform } from '../../../main/platform/index.ts'
import type { Platform } from '../../../main/platform/index.ts'
import { codeOf } from '../../fixtures/practice-platform.ts'

const servers: Server[] = []
const retry = { tries: 2, firstWait: 1, longestWait: 2 }
const document = { bytes: new Uint8Array([1]), signature: new Uint8Array([2]) }

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A platform that answers every request alike. */
async function answering(status: number, body: unknown, path = ''): Promise<Platform & { readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
    response.writeHead(status)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  return Object.assign(httpPlatform(url, nodeHttp(), { retry }), { asked })
}

const submissionId = '11111111-2222-4333-8444-555555555555'

describe('a platform that answers nonsense', () => {
  it.each([
    ['another type', { serverTime: 5 }],
    ['no field', {}],
    ['a list', []],
    ['a time that is none', { serverTime: '2026-13-45T00:00:00Z' }],
    ['a time of another zone', { serverTime: '2026-03-02T00:00:00+08:00' }],
  ])('is refused: %s', async (_, body) => {
    expect(await codeOf((await answering(200, body)).serverTime())).toBe('platform.refused')
  })

  it('is refused when it sends parts elsewhere', async () => {
    for (const uploadPath of ['//evil.example/x', 'https://evil.example/x', '/a b', '/a/../b?x', '']) {
      const part = { name: 'body', size: 5, offset: 0, uploadPath }
      const platform = await answering(200, { submissionId, state: 'uploading', parts: [part] })
      const begun = platform.beginSubmission({ headerArchive: new Uint8Array(1), authorisation: document })
      expect(await codeOf(begun)).toBe('platform.refused')
    }
  })

  it('is refused when it answers without end', async () => {
    const platform = await answering(200, `PK${'x'.repeat(3_000_000)}`)
    expect(await codeOf(platform.header('00'.repeat(32)))).toBe('platform.refused')
  })

  it('is refused when base64 is not in its one spelling', async () => {
    const platform = await answering(200, { document: 'AR==', signature: 'AA==' })
    expect(await codeOf(platform.withdraw(document))).toBe('platform.refused')
  })
})

describe('refusals', () => {
  it('keep the code and the words of the platform', async () => {
    const platform = await answering(403, {
      code: 'platform.late',
      detail: 'the deadline',
      says: '已过\u001b[31m截止时间',
    })
    const failure: unknown = await platform.withdraw(document).catch((error: unknown) => error)
    expect(failure).toMatchObject({ failure: { code: 'platform.late', platformSays: '已过 [31m截止时间' } })
    expect(platform.asked).toHaveLength(1)
  })

  it.each([
    [403, { code: 'token.pin-locked' }, 'platform.refused'],
    [403, { code: 'no.such-code' }, 'platform.refused'],
    [500, { code: 'internal' }, 'platform.unreachable'],
    [429, { code: 'no.such-code' }, 'platform.unreachable'],
  ])('of HTTP %i %j become %s', async (status, body, code) => {
    expect(await codeOf((await answering(status, body)).serverTime())).toBe(code)
  })

  // The page of a network that wants a login first, of a proxy, of a web server without the platform behind it.
  it.each([
    [200, '<html>Please sign in</html>'],
    [200, ''],
    [302, ''],
    [400, 'oops'],
    [403, '<html>Access denied</html>'],
    [404, '<html>'],
    [403, { error: 'denied' }],
    [502, '<html>'],
  ])('are the platform’s only: HTTP %i %j is waited out', async (status, body) => {
    const platform = await answering(status, body)
    expect(await codeOf(platform.serverTime())).toBe('platform.unreachable')
    expect(platform.asked).toHaveLength(retry.tries)
    expect(await codeOf(platform.header('00'.repeat(32)))).toBe('platform.unreachable')
    expect(await codeOf(platform.events('a', {})[Symbol.asyncIterator]().next())).toBe('platform.unreachable')
  })

  it('are not asked for again, but silence is', async () => {
    const gone = await answering(502, '')
    await codeOf(gone.serverTime())
    expect(gone.asked).toHaveLength(2)
  })
})

describe('events', () => {
  it('that are asked for and then not waited for may be stopped', async () => {
    const unheard: unknown[] = []
    const hear = (error: unknown): void => void unheard.push(error)
    process.on('unhandledRejection', hear)
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': nothing yet\n\n')
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const stop = new AbortController()
    const events = httpPlatform(url, nodeHttp(), { retry }).events('a', { signal: stop.signal })
    const next = events[Symbol.asyncIterator]().next()
    await wait(50)
    stop.abort()
    await wait(50)
    process.off('unhandledRejection', hear)
    expect(unheard).toEqual([])
    expect(await codeOf(next)).toBe('cancelled')
  })
})

describe('the address of a platform', () => {
  it('may have a path, which goes before every request and upload', async () => {
    const part = { name: 'body', size: 5, offset: 0, uploadPath: '/api/uploads/x' }
    const platform = await answering(200, { submissionId, state: 'uploading', parts: [part] }, '/bids/')
    const begun = await platform.beginSubmission({ headerArchive: new Uint8Array(1), authorisation: document })
    expect(platform.asked).toEqual(['POST /bids/api/submissions'])
    expect(new URL(begun.parts[0]?.uploadUrl ?? '').pathname).toBe('/bids/api/uploads/x')
  })

  it.each(['ftp://x/', 'nonsense', 'http://user:secret@x/', 'http://x/?q', 'file:///etc'])('is refused: %s', url => {
    expect(() => httpPlatform(url, nodeHttp())).toThrow('arguments.bad')
  })

  it('escapes what goes into a path', async () => {
    const platform = await answering(404, { code: 'platform.unknown' })
    await codeOf(platform.opening('../x?y'))
    expect(platform.asked).toEqual(['GET /api/openings/..%2Fx%3Fy'])
  })
})
