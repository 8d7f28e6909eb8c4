import { Agent as HttpAgent, request as requestHttp } from 'node:http'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { pipeline } from 'node:stream/promises'
import type { SecureContext } from 'node:tls'
import { AppFailure } from '../contract/failure.ts'
import { connectionFailure, ProxyAsks } from './connection-failure.ts'
import type { HttpPort, HttpRequest, HttpResponse } from './port.ts'
import { portOf, TunnelAgent } from './tunnel-agent.ts'
import { straight } from './way-out.ts'
import type { ProxyServer, WayOut } from './way-out.ts'

export interface NodeHttpOptions {
  /** Milliseconds without a byte in either direction after which a request has failed. */
  readonly idleTimeout?: number
  /** Through which proxy each address is asked; directly unless told otherwise. */
  readonly wayOut?: WayOut
  /** Whom TLS trusts; what Node trusts unless told otherwise. */
  readonly trust?: SecureContext
}

/** Milliseconds for a connection to be made, name and TLS included. */
const connectPatience = 20_000
/** Milliseconds a body may go on after its answer has ended, before the connection is given up. */
const bodyPatience = 1_000

/**
 * The port over `node:http` and `node:https`. Connections are kept and used again; idle ones don't hold the process.
 * Redirects are answers like any other. A proxy that asks for a password (407) is told one that it refused once no more.
 * SECURITY: no setting and no variable makes it accept a certificate that is not
 * trusted.
 */
export function nodeHttp(options: NodeHttpOptions = {}): HttpPort {
  const way = options.wayOut ?? straight
  const ways = openWays(options.trust, options.idleTimeout ?? 60_000)
  const known = { taken: new Set<string>(), refused: new Set<string>() }
  return {
    async request(request) {
      const url = new URL(request.url)
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        throw new AppFailure('arguments.bad', 'only http and https addresses can be asked')
      }
      const proxy = await way(url)
      if (proxy === null || proxy.authorization === null) return send(url, request, proxy, ways)
      const key = keyOf(proxy)
      // A password that was never right gets no better; some accounts are locked after a few wrong ones.
      if (known.refused.has(key)) throw new ProxyAsks()
      try {
        const response = await send(url, request, proxy, ways)
        known.taken.add(key)
        return response
      } catch (error) {
        if (error instanceof ProxyAsks && !known.taken.has(key)) known.refused.add(key)
        throw error
      }
    },
    refresh() {
      for (const agent of ways.agents()) {
        for (const socket of Object.values(agent.freeSockets).flatMap(list => list ?? [])) socket.destroy()
      }
    },
  }
}

function keyOf({ authorization, url }: ProxyServer): string {
  return `${authorization ?? ''} ${url.origin}`
}

interface Head {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
}

interface Ways {
  readonly idleTimeout: number
  /** Begins a request, to the target or to the proxy that stands for it. */
  open(url: URL, options: Head, proxy: ProxyServer | null): ClientRequest
  agents(): readonly HttpAgent[]
}

function openWays(trust: SecureContext | undefined, idleTimeout: number): Ways {
  const kept = { keepAlive: true, maxSockets: 32 }
  const plain = new HttpAgent(kept)
  const secure = new HttpsAgent(kept)
  const tunnels = new Map<string, TunnelAgent>()
  const trusting = { rejectUnauthorized: true, ...(trust === undefined ? {} : { secureContext: trust }) }
  const tunnelTo = (proxy: ProxyServer): TunnelAgent => {
    const key = keyOf(proxy)
    const patience = Math.min(connectPatience, idleTimeout)
    const agent = tunnels.get(key) ?? new TunnelAgent({ proxy, patience, secureContext: trust }, kept)
    tunnels.set(key, agent)
    return agent
  }
  return {
    idleTimeout,
    agents: () => [plain, secure, ...tunnels.values()],
    open(url, options, proxy) {
      if (url.protocol === 'https:') {
        const agent = proxy === null ? secure : tunnelTo(proxy)
        return requestHttps(url, { ...options, ...trusting, agent })
      }
      if (proxy === null) return requestHttp(url, { ...options, agent: plain })
      const { authorization } = proxy
      const asked: RequestOptions = {
        ...options,
        host: proxy.url.hostname.replace(/^\[|\]$/g, ''),
        port: portOf(proxy.url),
        // RFC 9112, 3.2.2: a proxy is asked for the whole address.
        path: `${url.origin}${url.pathname}${url.search}`,
        headers: {
          ...options.headers,
          host: url.host,
          ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
        },
      }
      return proxy.url.protocol === 'https:'
        ? requestHttps({ ...asked, ...trusting, agent: secure })
        : requestHttp({ ...asked, agent: plain })
    },
  }
}

function send(url: URL, request: HttpRequest, proxy: ProxyServer | null, ways: Ways): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = request
    if (signal?.aborted) {
      reject(cancelled(signal))
      return
    }
    const outgoing = ways.open(url, { method: request.method, headers: headersOf(request) }, proxy)
    const stop = (): void => {
      const failure = cancelled(signal)
      outgoing.destroy(failure)
      // Without a connection yet, Node would tell only when there is one.
      reject(failure)
    }
    signal?.addEventListener('abort', stop, { once: true })
    const done = (): void => signal?.removeEventListener('abort', stop)
    limitConnecting(outgoing, Math.min(connectPatience, ways.idleTimeout))
    outgoing.setTimeout(ways.idleTimeout, () => {
      outgoing.destroy(new AppFailure('platform.unreachable', 'nothing was heard for too long'))
    })
    outgoing.on('error', error => {
      done()
      reject(connectionFailure(error, proxy !== null))
    })
    outgoing.on('response', incoming => {
      incoming.once('close', done)
      incoming.once('end', () => endBody(outgoing))
      if (incoming.statusCode === 407 && proxy !== null) {
        incoming.destroy()
        reject(new ProxyAsks())
        return
      }
      resolve(answer(incoming, outgoing, signal))
    })
    writeBody(outgoing, request.body).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : new Error('the request body failed'))
    })
  })
}

/** A connection that is not made is not waited for as long as the system would; a tunnel looks after itself. */
function limitConnecting(outgoing: ClientRequest, patience: number): void {
  outgoing.once('socket', socket => {
    if (!socket.connecting) return
    const timer = setTimeout(() => {
      outgoing.destroy(new AppFailure('platform.unreachable', 'no connection could be made in time'))
    }, patience)
    const made = (): void => clearTimeout(timer)
    socket.once('connect', made).once('close', made)
  })
}

/** Who answers before it has read everything wants no more of it; the connection cannot serve again then. */
function endBody(outgoing: ClientRequest): void {
  if (outgoing.writableFinished) return
  const timer = setTimeout(() => outgoing.destroy(), bodyPatience)
  outgoing.once('finish', () => clearTimeout(timer)).once('close', () => clearTimeout(timer))
}

function headersOf(request: HttpRequest): Record<string, string> {
  const length =
    request.body instanceof Uint8Array
      ? { 'content-length': String(request.body.length) }
      : request.body === undefined && request.method !== 'GET' && request.method !== 'HEAD'
        ? { 'content-length': '0' }
        : request.length !== undefined
          ? { 'content-length': String(request.length) }
          : {}
  return { ...request.headers, ...length }
}

/** The connection takes the pieces at its own pace, so that a slow network holds one piece and not the file. */
async function writeBody(outgoing: ClientRequest, body: HttpRequest['body']): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) outgoing.end(body)
  else await pipeline(body, outgoing)
}

function answer(incoming: IncomingMessage, outgoing: ClientRequest, signal: AbortSignal | undefined): HttpResponse {
  const body = piecesOf(incoming, signal)
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

async function* piecesOf(incoming: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of incoming as AsyncIterable<Uint8Array>) yield piece
  } catch (error) {
    // A connection that was ended from here looks as if it were the other side's doing.
    throw signal?.aborted ? cancelled(signal) : connectionFailure(error)
  }
}

/** Why the caller stops is told as the cause: a pause is no giving up. */
function cancelled(signal: AbortSignal | undefined): AppFailure {
  return new AppFailure('cancelled', 'stopped at the request of the caller', { cause: signal?.reason })
}
