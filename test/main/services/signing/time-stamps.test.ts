import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeEach, beforeAll, describe, expect, test } from 'vitest'
import { systemRandomness } from '../../../../crypto/index.ts'
import type { Imprint } from '../../../../crypto/index.ts'
import { nodeHttp } from '../../../../main/http/index.ts'
import { timeStampsOf } from '../../../../main/services/index.ts'
import type { TimeStampLimits, TimeStampServer } from '../../../../main/services/index.ts'
import { startTimeStampServer, type StampTwist, type TimeStampServerRig } from '../../../fixtures/time-stamp-server.ts'

const ports = { http: nodeHttp(), randomness: systemRandomness }
const quick: TimeStampLimits = { oneAnswer: 2_000, retry: { tries: 2, firstWait: 1, longestWait: 1 } }
const imprint: Imprint = {
  hash: 'sha256',
  digest: Uint8Array.from(createHash('sha256').update(randomBytes(9)).digest()),
}

let server: TimeStampServerRig

beforeAll(async () => {
  server = await startTimeStampServer()
})

beforeEach(() => {
  server.twist(null)
  server.asked.length = 0
})

afterAll(() => server.close())

const ask = (more: Partial<TimeStampServer> = {}, signal?: AbortSignal, limits = quick) =>
  timeStampsOf(ports, { url: server.url, ...more }, { signal }, limits)(imprint)

describe('a time-stamp server', () => {
  test('is asked as RFC 3161 says, and its time stamp is taken', async () => {
    const { time, policy, token } = await ask()
    expect(Math.abs(time.getTime() - Date.now())).toBeLessThan(60_000)
    expect(policy).toBe('1.2.3.4.1')
    expect(token.length).toBeGreaterThan(500)
    expect(server.asked).toMatchObject([
      {
        method: 'POST',
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      },
    ])
  })

  test('gives SM3 and another policy where they are asked for', async () => {
    const digest = Uint8Array.from(randomBytes(32))
    const overSm3 = timeStampsOf(ports, { url: server.url, policy: '1.2.3.4.2' }, {}, quick)
    expect((await overSm3({ hash: 'sm3', digest })).policy).toBe('1.2.3.4.2')
  })

  test('that refuses is told with its own words, and not asked again', async () => {
    await expect(ask({ policy: '1.2.3.4.9' })).rejects.toMatchObject({
      code: 'platform.refused',
      failure: {
        detail: expect.stringContaining('unacceptedPolicy'),
        platformSays: expect.stringContaining('policy'),
      },
    })
    expect(server.asked).toHaveLength(1)
  })

  test.each<[string, string, string, StampTwist]>([
    [
      'a web page',
      'platform.refused',
      'text/html',
      response => response.setHeader('content-type', 'text/html').end('hi'),
    ],
    ['a redirect', 'platform.refused', 'redirect', response => response.writeHead(302, { location: '/x' }).end()],
    ['an HTTP error', 'platform.refused', '404', response => response.writeHead(404).end()],
    [
      'an absurd length',
      'platform.refused',
      'too long',
      response => {
        response.writeHead(200, { 'content-type': 'application/timestamp-reply', 'content-length': '9999999' })
        response.write('x')
      },
    ],
    [
      'bytes without end',
      'platform.refused',
      'longer than',
      response => {
        const more = (): void => {
          if (!response.destroyed) response.write(Buffer.alloc(32_768), () => setImmediate(more))
        }
        more()
      },
    ],
    ['no time stamp', 'platform.refused', 'DER', response => response.end('nonsense')],
    ['nothing', 'platform.refused', 'DER', response => response.end()],
    ['a server out of order', 'platform.unreachable', '503', response => response.writeHead(503).end()],
    ['a broken connection', 'platform.unreachable', 'time-stamp server', response => response.destroy()],
  ])('that answers with %s fails with %s', async (_what, code, detail, twist) => {
    server.twist(twist)
    await expect(ask()).rejects.toMatchObject({ code, failure: { detail: expect.stringContaining(detail) } })
    expect(server.asked).toHaveLength(code === 'platform.unreachable' ? 2 : 1)
  })

  test('that answers an older question is refused', async () => {
    await ask()
    const [first] = server.asked
    const old = await server.stamp(first?.body ?? Buffer.alloc(0))
    server.twist(response => response.end(old))
    await expect(ask()).rejects.toMatchObject({ failure: { detail: expect.stringContaining('another question') } })
  })

  test('that is out of order once is asked again', async () => {
    server.twist(response => {
      server.twist(null)
      response.writeHead(503).end()
    })
    await ask()
    expect(server.asked).toHaveLength(2)
  })

  test('that says nothing is given up in time, and at once when the user stops', async () => {
    server.twist(() => undefined)
    const brief = { ...quick, oneAnswer: 80 }
    await expect(ask({}, undefined, brief)).rejects.toMatchObject({
      code: 'platform.unreachable',
      failure: { detail: expect.stringContaining('in time') },
    })
    const stop = new AbortController()
    const asking = ask({}, stop.signal, { ...quick, oneAnswer: 20_000 })
    setTimeout(() => {
      stop.abort()
    }, 50)
    await expect(asking).rejects.toMatchObject({ code: 'cancelled' })
    await expect(ask({}, stop.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('that is not there is unreachable', async () => {
    const gone = await startTimeStampServer()
    await gone.close()
    await expect(ask({ url: gone.url })).rejects.toMatchObject({ code: 'platform.unreachable' })
  })

  test.each([
    ['ftp://tsa.example/'],
    ['tsa.example'],
    ['http://me:secret@tsa.example/'],
    [`http://tsa.example/${'x'.repeat(3000)}`],
  ])('has no address like %.40s', url => {
    expect(() => timeStampsOf(ports, { url })).toThrow(/arguments\.bad/)
  })

  test('has no policy that is no dotted number', () => {
    expect(() => timeStampsOf(ports, { url: server.url, policy: 'best' })).toThrow(/arguments\.bad/)
  })
})
