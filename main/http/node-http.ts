import { Agent as HttpAgent, request as requestHttp } from 'node:http'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { AppFailure } from '../contract/failure.ts'
import type { HttpPort, HttpRequest, HttpResponse } from './port.ts'

export interface NodeHttpOptions {
  /** Milliseconds without a byte in either direction after which a request has failed. */
  readonly idleTimeout?: number
}

/**
 * The port over `node:http` and `node:https`. Connections are kept and used again; idle ones don't hold the process.
 * Redirects are answers like any other.
 */
export function nodeHttp(options: NodeHttpOptions = {}): HttpPort {
  const idleTimeout = options.idleTimeout ?? 60_000
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: 8 }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: 8 }),
  }
  return {
    request(request) {
      const url = new URL(request.url)
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        return Promise.reject(new AppFailure('arguments.bad', 'only http and https addresses can be asked'))
      }
      return send(url, request, agents[url.protocol], idleTimeout)
    },
  }
}

function send(url: URL, request: HttpRequest, agent: HttpAgent, idleTimeout: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = request
    if (signal?.aborted) {
      reject(cancelled())
      return
    }
    const outgoing = open(url, { method: request.method, headers: headersOf(request), agent })
    const stop = (): void => {
      outgoing.destroy(cancelled())
    }
    signal?.addEventListener('abort', stop, { once: true })
    const done = (): void => signal?.removeEventListener('abort', stop)
    outgoing.setTimeout(idleTimeout, () => {
      outgoing.destroy(new AppFailure('platform.unreachable', 'nothing was heard for too long'))
    })
    outgoing.on('error', error => {
      done()
      reject(asFailure(error))
    })
    outgoing.on('response', incoming => {
      incoming.once('close', done)
      resolve(answer(incoming, outgoing))
    })
    writeBody(outgoing, request.body).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : new Error('the request body failed'))
    })
  })
}

function open(url: URL, options: RequestOptions): ClientRequest {
  return url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options)
}

function headersOf(request: HttpRequest): Record<string, string> {
  const length =
    request.body instanceof Uint8Array
      ? { 'content-length': String(request.body.length) }
      : request.body === undefined && request.method !== 'GET' && request.method !== 'HEAD'
        ? { 'content-length': '0' }
        : {}
  return { ...request.headers, ...length }
}

/** The connection takes the pieces at its own pace, so that a slow network holds one piece and not the file. */
async function writeBody(outgoing: ClientRequest, body: HttpRequest['body']): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) outgoing.end(body)
  else await pipeline(body, outgoing)
}

function answer(incoming: IncomingMessage, outgoing: ClientRequest): HttpResponse {
  const body = piecesOf(incoming)
  return {
    status: incoming.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    body,
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
    discard() {
      // Small remainders are let run out so that the connection can serve again; long ones cost more than a new one.
      if (Number(incoming.headers['content-length'] ?? 0) <= 65_536) incoming.resume()
      else outgoing.destroy()
    },
  }
}

async function* piecesOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of incoming as AsyncIterable<Uint8Array>) yield piece
  } catch (error) {
    throw asFailure(error)
  }
}

/** The system's error as one of our failures; its text may hold an address and is kept as the cause only. */
function asFailure(error: unknown): AppFailure {
  if (error instanceof AppFailure) return error
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no code'
  return new AppFailure('platform.unreachable', `the connection failed (${code})`, { cause: error })
}

function cancelled(): AppFailure {
  return new AppFailure('cancelled', 'stopped at the request of the caller')
}
