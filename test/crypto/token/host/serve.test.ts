import { describe, expect, it } from 'vitest'
import { CryptoFailure } from '../../../../crypto/errors.ts'
import { connectTokenHost, type HostConnection } from '../../../../crypto/token/host/client.ts'
import { encodeFrame } from '../../../../crypto/token/host/frames.ts'
import { type ServeEnd, serveTokenHost } from '../../../../crypto/token/host/serve.ts'
import type { TokenDriver, TokenSession } from '../../../../crypto/token/port.ts'
import { expectRejection } from '../../../fixtures/failure.ts'

interface Served {
  readonly connection: HostConnection
  readonly end: Promise<ServeEnd>
  readonly log: readonly string[]
  /** Sends bytes as they are. */
  raw(bytes: Uint8Array): void
  /** The application goes away. */
  hangUp(): void
}

/** A served fake driver; `slow` decides when its list answers. */
function serve(slow: () => Promise<void> = () => Promise.resolve()): Served {
  const log: string[] = []
  const session: TokenSession = {
    certificates: () => Promise.resolve([]),
    algorithms: () => Promise.resolve(['rsa-pss-sha256']),
    sign: (_keyId, _algorithm, digest) => Promise.resolve(digest),
    open: () => Promise.reject(new RangeError('the PIN is 246810')),
    close() {
      log.push('logout')
      return Promise.resolve()
    },
  }
  const driver: TokenDriver = {
    module: () => Promise.resolve({ path: '/m', description: '', manufacturer: '', version: '1' }),
    async list() {
      log.push('list begins')
      await slow()
      log.push('list ends')
      return []
    },
    login: (_uri, pin) =>
      pin === '1' ? slow().then(() => session) : Promise.reject(new CryptoFailure('token.pin-incorrect', 'no')),
    changePin: () => Promise.reject(new CryptoFailure('token.unsupported', 'no')),
    initialisePracticeToken: () => Promise.reject(new CryptoFailure('token.not-blank', 'no')),
    storePracticeCertificates: () => Promise.resolve(),
    close() {
      log.push('close')
      return Promise.resolve()
    },
  }
  let receive: (bytes: Uint8Array) => void = () => undefined
  let over: () => void = () => undefined
  const connection = connectTokenHost(bytes => setImmediate(() => receive(bytes)))
  const end = serveTokenHost(
    {
      send: bytes => setImmediate(() => connection.receive(bytes)),
      listen(onBytes, onEnd) {
        receive = onBytes
        over = onEnd
      },
    },
    () => Promise.resolve(driver),
  )
  return { connection, end, log, raw: bytes => receive(bytes), hangUp: () => over() }
}

const load = { module: { kind: 'soft', path: '/m' } } as const

describe('serving a driver', () => {
  it('answers calls in their order, one at a time', async () => {
    let running = 0
    const { connection, log } = serve(async () => {
      running += 1
      expect(running).toBe(1)
      await new Promise(resolve => setTimeout(resolve, 5))
      running -= 1
    })
    await connection.call('load', load)
    await Promise.all([1, 2, 3].map(() => connection.call('list', undefined)))
    expect(log).toEqual(['list begins', 'list ends', 'list begins', 'list ends', 'list begins', 'list ends'])
  })

  it('carries failures by their code and hides the words of other errors', async () => {
    const { connection } = serve()
    await expectRejection('token.driver-unavailable', connection.call('list', undefined))
    await connection.call('load', load)
    await expectRejection('token.pin-incorrect', connection.call('login', { uri: 'p', pin: '2', consent: {} }))
    const session = await connection.call('login', { uri: 'p', pin: '1', consent: {} })
    const transport = { kind: 'rsa-oaep-sha256', encryptedKey: new Uint8Array(1) } as const
    const detail = await expectRejection('internal', connection.call('open', { session, keyId: '1', transport }))
    expect(detail).not.toContain('246810')
    await connection.call('logout', { session })
    await expectRejection('token.removed', connection.call('certificates', { session }))
  })

  it('drops a waiting call that is cancelled, and refuses the result of one that runs', async () => {
    let finish: () => void = () => undefined
    const { connection, log } = serve(() => new Promise(resolve => (finish = resolve)))
    await connection.call('load', load)
    const first = new AbortController()
    const second = new AbortController()
    const running = connection.call('list', undefined, { signal: first.signal, onStarted: () => first.abort() })
    const waiting = connection.call('list', undefined, { signal: second.signal })
    second.abort()
    setTimeout(() => finish(), 20)
    await expectRejection('cancelled', running)
    await expectRejection('cancelled', waiting)
    expect(log).toEqual(['list begins', 'list ends'])
  })

  it('logs out when nobody wants a login any more', async () => {
    let finish: () => void = () => undefined
    const { connection, log } = serve(() => new Promise(resolve => (finish = resolve)))
    await connection.call('load', load)
    const controller = new AbortController()
    const call = connection.call(
      'login',
      { uri: 'p', pin: '1', consent: {} },
      { signal: controller.signal, onStarted: () => controller.abort() },
    )
    setTimeout(() => finish(), 20)
    await expectRejection('cancelled', call)
    expect(log).toEqual(['logout'])
  })

  it('closes the driver when it is asked to, and when the application goes away', async () => {
    const asked = serve()
    await asked.connection.call('load', load)
    await asked.connection.call('close', undefined)
    expect(await asked.end).toBe('closed')
    const left = serve()
    await left.connection.call('load', load)
    left.hangUp()
    expect(await left.end).toBe('gone')
    expect(left.log).toEqual(['close'])
  })

  it.each([
    ['bytes that are no frame', new TextEncoder().encode('GET / HTTP/1.1\r\n')],
    ['a frame that is no message', encodeFrame(new TextEncoder().encode('{"id":1,"call":"shell"}'))],
  ])('ends on %s', async (_name, bytes) => {
    const { end, raw } = serve()
    raw(bytes)
    expect(await end).toBe('malformed')
  })
})
