import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeHttp } from '../../../main/http/index.ts'
import { codeOf } from '../../fixtures/practice-platform.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the port over node:http', () => {
  it('sends bytes with their length, and headers, and answers status, headers and body', async () => {
    const url = await serve((request, response) => {
      const pieces: Uint8Array[] = []
      request.on('data', (piece: Uint8Array) => pieces.push(piece))
      request.on('end', () => {
        response.writeHead(201, { 'x-length': request.headers['content-length'], 'x-sent': request.headers['x-mine'] })
        response.end(Buffer.concat(pieces))
      })
    })
    const body = new Uint8Array([1, 2, 3])
    const response = await nodeHttp().request({ method: 'POST', url, headers: { 'x-mine': 'yes' }, body })
    expect(response.status).toBe(201)
    expect(response.headers).toMatchObject({ 'x-length': '3', 'x-sent': 'yes' })
    expect(await response.bytes(10)).toEqual(body)
  })

  it('sends a body in pieces as they are asked for', async () => {
    const url = await serve((request, response) => {
      let length = 0
      request.on('data', (piece: Uint8Array) => (length += piece.length))
      request.on('end', () => response.end(String(length)))
    })
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 20; count++) yield await Promise.resolve(new Uint8Array(100_000))
    }
    const response = await nodeHttp().request({ method: 'POST', url, body: pieces() })
    expect(Buffer.from(await response.bytes(100)).toString()).toBe('2000000')
  })

  it('does not follow a redirect', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
    const response = await nodeHttp().request({ method: 'GET', url })
    response.discard()
    expect(response.status).toBe(302)
  })

  it('refuses an answer that is longer than asked for, and reads no more of it', async () => {
    const url = await serve((_, response) => {
      response.on('error', () => undefined)
      response.end(new Uint8Array(10_000_000))
    })
    const response = await nodeHttp().request({ method: 'GET', url })
    expect(await codeOf(response.bytes(1000))).toBe('platform.refused')
  })

  it('says unreachable for a refused connection, a reset, a cut answer and silence', async () => {
    const http = nodeHttp({ idleTimeout: 200 })
    expect(await codeOf(http.request({ method: 'GET', url: 'http://127.0.0.1:1/' }))).toBe('platform.unreachable')
    const reset = await serve(request => request.socket.destroy())
    expect(await codeOf(http.request({ method: 'GET', url: reset }))).toBe('platform.unreachable')
    const cut = await serve((request, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half')
      setTimeout(() => request.socket.destroy(), 20)
    })
    const response = await http.request({ method: 'GET', url: cut })
    expect(await codeOf(response.bytes(1000))).toBe('platform.unreachable')
    const silent = await serve(() => undefined)
    expect(await codeOf(http.request({ method: 'GET', url: silent }))).toBe('platform.unreachable')
  })

  it('stops when it is told to, before and while it runs', async () => {
    const url = await serve(() => undefined)
    const early = AbortSignal.abort()
    expect(await codeOf(nodeHttp().request({ method: 'GET', url, signal: early }))).toBe('cancelled')
    const controller = new AbortController()
    setTimeout(() => {
      controller.abort()
    }, 30)
    expect(await codeOf(nodeHttp().request({ method: 'GET', url, signal: controller.signal }))).toBe('cancelled')
  })

  it('asks no other scheme', async () => {
    expect(await codeOf(nodeHttp().request({ method: 'GET', url: 'file:///etc/passwd' }))).toBe('arguments.bad')
  })
})
