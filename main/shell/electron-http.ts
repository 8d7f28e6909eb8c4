import { Readable } from 'node:stream'
import { net } from 'electron'
import type { ClientRequest, IncomingMessage, Session } from 'electron'
import { AppFailure } from '../contract/failure.ts'
import type { HttpPort, HttpRequest, HttpResponse } from '../http/index.ts'

export interface ElectronHttpOptions {
  /** A session of its own: the pages' sessions reach nothing. */
  readonly session: Session
  /** Milliseconds without a byte in either direction after which a request has failed. */
  readonly idleTimeout?: number
}

/** The port over Chromium's network: the system's proxy and the system's certificates. Redirects are answers like any other. */
export function electronHttp({ session, idleTimeout = 60_000 }: ElectronHttpOptions): HttpPort {
  return {
    request(request) {
      const { protocol } = new URL(request.url)
      if (protocol !== 'http:' && protocol !== 'https:') {
        return Promise.reject(new AppFailure('arguments.bad', 'only http and https addresses can be asked'))
      }
      return send(request, session, idleTimeout)
    },
  }
}

function send(request: HttpRequest, session: Session, idleTimeout: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = request
    if (signal?.aborted) {
      reject(cancelled())
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
    const stop = (): void => end(cancelled())
    const idle = idleTimer(idleTimeout, () => {
      end(new AppFailure('platform.unreachable', 'nothing was heard for too long'))
    })
    const done = (): void => {
      idle.stop()
      signal?.removeEventListener('abort', stop)
    }
    signal?.addEventListener('abort', stop, { once: true })
    outgoing.on('error', error => {
      done()
      reject(reason ?? asFailure(error))
    })
    outgoing.on('abort', () => {
      done()
      reject(reason ?? cancelled())
    })
    outgoing.on('redirect', (status, _method, _url, headers) => {
      // Not followed: Chromium then ends the request by itself.
      resolve(answer(status, joined(headers), Readable.from([]), () => undefined))
    })
    outgoing.on('response', incoming => {
      idle.touch()
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
    writeBody(outgoing, request.body, idle.touch).catch((error: unknown) => {
      end(error instanceof AppFailure ? error : asFailure(error))
    })
  })
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
  // A body of unknown length goes out as it comes; one at hand is sent with its length.
  outgoing.chunkedEncoding = request.body !== undefined && !(request.body instanceof Uint8Array)
  return outgoing
}

async function writeBody(outgoing: ClientRequest, body: HttpRequest['body'], touch: () => void): Promise<void> {
  if (body instanceof Uint8Array) {
    if (body.length > 0) await write(outgoing, body)
  } else if (body !== undefined) {
    for await (const piece of body) {
      await write(outgoing, piece)
      touch()
    }
  }
  outgoing.end()
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
  return new AppFailure('platform.unreachable', `the connection failed (${name ?? 'no code'})`, { cause: error })
}

function cancelled(): AppFailure {
  return new AppFailure('cancelled', 'stopped at the request of the caller')
}
