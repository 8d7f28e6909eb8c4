import { request as requestHttp } from 'node:http'
import type { ClientRequestArgs } from 'node:http'
import { Agent, request as requestHttps } from 'node:https'
import type { AgentOptions, RequestOptions } from 'node:https'
import { isIP } from 'node:net'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions, SecureContext } from 'node:tls'
import { AppFailure } from '../contract/failure.ts'
import { connectionFailure, ProxyAsks, ProxyAway } from './connection-failure.ts'
import type { ProxyServer } from './way-out.ts'

/** How tunnels are made. */
export interface TunnelOptions {
  readonly proxy: ProxyServer
  /** Milliseconds in which the proxy must have answered. */
  readonly patience: number
  /** Whom to trust, for a proxy that is reached by TLS. */
  readonly secureContext?: SecureContext | undefined
}

/**
 * An agent whose connections are tunnels through a proxy (RFC 9110, 9.3.6), TLS inside. The proxy's answer is read by Node's
 * own parser and thus bounded. SECURITY: an answer other than a tunnel is the proxy's word and never taken for the target's.
 */
export class TunnelAgent extends Agent {
  readonly #options: TunnelOptions

  constructor(options: TunnelOptions, agentOptions: AgentOptions) {
    super(agentOptions)
    this.#options = options
  }

  /** Called by Node for each new connection; what is wrong with it is told by the callback. */
  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const { host, port, servername } = options
    openTunnel({ host: host ?? '', port: Number(port ?? 443) }, this.#options).then(
      tunnel => {
        // Node's agent has put the name to be proved beside the other options; an address has none.
        const name = servername === undefined || servername === '' ? {} : { servername }
        const { secureContext } = this.#options
        const trust = secureContext === undefined ? {} : { secureContext }
        callback?.(null, connectTls({ socket: tunnel, host: host ?? '', rejectUnauthorized: true, ...name, ...trust }))
      },
      (error: unknown) => {
        // Without a connection there is none to hand over: Node looks at the error first.
        const failed = callback as ((error: Error) => void) | undefined
        failed?.(connectionFailure(error, true))
      },
    )
    return undefined
  }
}

/** Where a tunnel leads. */
export interface TunnelTarget {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/**
 * A connection to a target through a proxy, before any TLS. Throws `platform.proxy` when the proxy refuses or is no proxy,
 * `platform.unreachable` when it says that it cannot reach the target.
 */
export function openTunnel(
  { host, port }: TunnelTarget,
  { proxy, patience, secureContext }: TunnelOptions,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { url, authorization } = proxy
    const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
    const options: ClientRequestArgs & ConnectionOptions = {
      method: 'CONNECT',
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: portOf(url),
      path: authority,
      headers: { host: authority, ...(authorization === null ? {} : { 'proxy-authorization': authorization }) },
      agent: false,
      rejectUnauthorized: true,
      ...(secureContext === undefined ? {} : { secureContext }),
    }
    const asking = url.protocol === 'https:' ? requestHttps(options) : requestHttp(options)
    const timer = setTimeout(() => asking.destroy(new ProxyAway('the proxy does not answer')), patience)
    const settle = (work: () => void): void => {
      clearTimeout(timer)
      work()
    }
    asking.once('connect', (response, socket, head) => {
      settle(() => {
        const status = response.statusCode ?? 0
        // What comes before the TLS handshake begins is nothing a target would say.
        if (status >= 200 && status < 300 && head.length === 0) resolve(socket)
        else {
          socket.destroy()
          reject(refusedBy(status))
        }
      })
    })
    asking.once('response', response => {
      settle(() => {
        asking.destroy()
        reject(refusedBy(response.statusCode ?? 0))
      })
    })
    asking.once('error', error => {
      settle(() => {
        const failure = connectionFailure(error, true)
        reject(failure.code === 'platform.unreachable' ? new ProxyAway('the proxy broke off', error) : failure)
      })
    })
    asking.end()
  })
}

/** The port of an http or https address. */
export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

/** What a proxy means by a status other than 2xx. */
export function refusedBy(status: number): AppFailure {
  if (status === 407) return new ProxyAsks()
  return status === 502 || status === 503 || status === 504
    ? new AppFailure('platform.unreachable', `the proxy cannot reach the server (HTTP ${status})`)
    : new AppFailure('platform.proxy', `the proxy refuses (HTTP ${status})`)
}
