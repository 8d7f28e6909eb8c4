import { Readable } from 'node:stream'
import { net } from 'electron'
import type { AuthInfo, ClientRequest, IncomingMessage, Session } from 'electron'
import { AppFailure } from '../contract/failure.ts'
import { ProxyAway } from '../http/index.ts'
import type { HttpPort, HttpRequest, HttpResponse } from '../http/index.ts'

export interface ElectronHttpOptions {
  /** A session of its own: the pages' sessions reach nothing. */
  readonly session: Session
  /** Milliseconds without a byte in either direction after which a request has failed. */
  readonly idleTimeout?: number
  /** Who a proxy is told that we are, when it asks; null for nobody. */
  readonly proxyUser?: () => Promise<ProxyUser | null>
}

/** Who a proxy knows. */
export interface ProxyUser {
  readonly user: string
  readonly password: string
}

/** The port over Chromium's network: the system's proxy and the system's certificates. Redirects are answers like any other. */
export function electronHttp(options: ElectronHttpOptions): HttpPort {
  return {
    request(request) {
      const { protocol } = new URL(request.url)
      if (protocol !== 'http:' && protocol !== 'https:') {
        return Promise.reject(new AppFailure('arguments.bad', 'only http and https addresses can be asked'))
      }
      return send(request, options)
    },
  }
}

function send(request: HttpRequest, options: ElectronHttpOptions): Promise<HttpResponse> {
  const { session, idleTimeout = 60_000, proxyUser } = options
  return new Promise((resolve, reject) => {
    const { signal } = request
    if (signal?.aborted) {
      reject(cancelled(signal))
      return
    }
    const outgoing = open(request, session)
    /** Why the request was ended from here; Chromium's own errors otherwise. */
    let reason: AppFailure | null = null
    const end = (failure: AppFailure): void => {
      reason ??= failure
      reject(reason)
      outgoing.abort()
    }
    const stop = (): void => end(cancelled(signal))
    const idle = idleTimer(idleTimeout, () => {
      end(new AppFailure('platform.unreachable', 'nothing was heard for too long'))
    })
    let sent = 0
    const moving = setInterval(() => {
      // Nothing else tells that a body at hand is being taken.
      const { current } = outgoing.getUploadProgress()
      if (current <= sent) return
      sent = current
      idle.touch()
    }, 1_000)
    const done = (): void => {
      idle.stop()
      clearInterval(moving)
      signal?.removeEventListener('abort', stop)
    }
    signal?.addEventListener('abort', stop, { once: true })
    outgoing.on('error', error => {
      done()
      reject(reason ?? asFailure(error))
    })
    outgoing.on('abort', () => {
      done()
      reject(reason ?? cancelled(signal))
    })
    outgoing.on('login', answerProxy(proxyUser))
    outgoing.on('redirect', (status, _method, _url, headers) => {
      // Not followed: Chromium then ends the request by itself.
      resolve(answer(status, joined(headers), Readable.from([]), () => undefined))
    })
    outgoing.on('response', incoming => {
      idle.touch()
      clearInterval(moving)
      if (incoming.statusCode === 407) {
        end(proxyAsks())
        return
      }
      const stream = streamOf(incoming)
      const headers = joined(incoming.headers)
      const body = piecesOf(stream, { touch: idle.touch, done, reasonOf: () => reason })
      stream.once('close', done)
      resolve(
        answer(incoming.statusCode, headers, body, () => {
          // Small remainders are let run out so that the connection can serve again.
          if (Number(headers['content-length'] ?? 0) <= 65_536) stream.resume()
          else outgoing.abort()
        }),
      )
    })
    writeBody(outgoing, request, idle.touch).catch((error: unknown) => {
      end(error instanceof AppFailure ? error : asFailure(error))
    })
  })
}

/** A proxy is told who asks, once; a server is told nothing. */
function answerProxy(
  proxyUser: ElectronHttpOptions['proxyUser'],
): (info: AuthInfo, callback: (user?: string, password?: string) => void) => void {
  let told = false
  return ({ isProxy }, callback) => {
    if (!isProxy || told || proxyUser === undefined) {
      callback()
      return
    }
    told = true
    proxyUser().then(
      known => (known === null ? callback() : callback(known.user, known.password)),
      () => callback(),
    )
  }
}

function open(request: HttpRequest, session: Session): ClientRequest {
  const outgoing = net.request({
    method: request.method,
    url: request.url,
    session,
    credentials: 'omit',
    redirect: 'manual',
    referrerPolicy: 'no-referrer',
  })
  for (const [name, value] of Object.entries(request.headers ?? {})) outgoing.setHeader(name, value)
  outgoing.setHeader('cache-control', 'no-store')
  // A body of unknown length goes out as it comes; one whose length is known is sent with it.
  outgoing.chunkedEncoding =
    request.body !== undefined && !(request.body instanceof Uint8Array) && request.length === undefined
  return outgoing
}

async function writeBody(outgoing: ClientRequest, { body, length }: HttpRequest, touch: () => void): Promise<void> {
  if (body instanceof Uint8Array) {
    if (body.length > 0) await write(outgoing, body)
  } else if (body !== undefined && length !== undefined) {
    await write(outgoing, await gathered(body, length, touch))
  } else if (body !== undefined) {
    for await (const piece of body) {
      await write(outgoing, piece)
      touch()
    }
  }
  outgoing.end()
}

/** Chromium sends no length it is told: it must have the bytes. Callers give few where they give a length. */
async function gathered(body: AsyncIterable<Uint8Array>, length: number, touch: () => void): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let filled = 0
  for await (const piece of body) {
    bytes.set(piece, filled)
    filled += piece.length
    touch()
  }
  if (filled !== length) throw new AppFailure('internal', 'a body is not as long as it was said to be')
  return bytes
}

/** Waits for the connection to take the piece, so that a slow network holds one piece and not the file. */
function write(outgoing: ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise(resolve => {
    outgoing.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), undefined, () => resolve())
  })
}

/** Electron's answer is a stream, which its types do not say. */
function streamOf(incoming: IncomingMessage): Readable {
  const stream: unknown = incoming
  if (!(stream instanceof Readable)) throw new AppFailure('internal', 'the answer is no stream')
  return stream
}

interface Watch {
  readonly touch: () => void
  readonly done: () => void
  readonly reasonOf: () => AppFailure | null
}

async function* piecesOf(stream: Readable, { touch, done, reasonOf }: Watch): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      touch()
      yield new Uint8Array(piece)
    }
  } catch (error) {
    throw reasonOf() ?? asFailure(error)
  } finally {
    done()
  }
}

function answer(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: AsyncIterable<Uint8Array>,
  discard: () => void,
): HttpResponse {
  return {
    status,
    headers,
    body,
    discard,
    async bytes(limit) {
      const pieces: Uint8Array[] = []
      let length = 0
      for await (const piece of body) {
        length += piece.length
        if (length > limit) throw new AppFailure('platform.refused', `the answer is longer than ${limit} bytes`)
        pieces.push(piece)
      }
      return new Uint8Array(Buffer.concat(pieces, length))
    },
  }
}

function joined(headers: Readonly<Record<string, string | readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.join(', '),
    ]),
  )
}

function idleTimer(
  milliseconds: number,
  onIdle: () => void,
): { readonly touch: () => void; readonly stop: () => void } {
  let timer = setTimeout(onIdle, milliseconds)
  let stopped = false
  return {
    touch() {
      clearTimeout(timer)
      if (!stopped) timer = setTimeout(onIdle, milliseconds)
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** Chromium's name of a network error (`net::ERR_…`) is all that is told; its text may hold an address. */
function asFailure(error: unknown): AppFailure {
  const name = error instanceof Error ? /ERR_[A-Z0-9_]+/.exec(error.message)?.[0] : undefined
  if (name !== undefined && /^ERR_(CERT|SSL_(SERVER_CERT|KEY_USAGE|PINNED))/.test(name)) {
    return new AppFailure('platform.certificate', `the certificate of the server is not trusted (${name})`, {
      cause: error,
    })
  }
  if (name !== undefined && /PROXY_AUTH|PROXY_CERTIFICATE|MANDATORY_PROXY/.test(name)) return proxyAsks(name)
  if (name !== undefined && /PROXY|TUNNEL/.test(name)) return new ProxyAway(`the proxy cannot be used (${name})`, error)
  return new AppFailure('platform.unreachable', `the connection failed (${name ?? 'no code'})`, { cause: error })
}

function proxyAsks(name = 'HTTP 407'): AppFailure {
  return new AppFailure('platform.proxy', `the proxy asks for a user and a password, or refuses (${name})`)
}

function cancelled(signal: AbortSignal | undefined): AppFailure {
  return new AppFailure('cancelled', 'stopped at the request of the caller', { cause: signal?.reason })
}
