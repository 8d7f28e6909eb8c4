import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { AppFailure } from '../../contract/failure.ts'
import { errorCode, isCertificateError, openTunnel, ProxyAway } from '../../http/index.ts'
import type { ProxyServer } from '../../http/index.ts'
import type { ConnectionFinding } from './layers.ts'

/** A host and a port to be looked at. */
export interface Place {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/** How a look is limited. */
export interface ProbeLimits {
  /** Milliseconds. */
  readonly patience: number
  readonly signal: AbortSignal | undefined
}

/** Whether a name leads anywhere. */
export async function probeName({ host }: Place, limits: ProbeLimits): Promise<ConnectionFinding> {
  if (isIP(host) !== 0) return { code: 'name.known', addresses: 0 }
  try {
    const addresses = await inTime(lookup(host, { all: true }), limits)
    return { code: 'name.known', addresses: addresses.length }
  } catch (error) {
    return { code: errorCode(error) === 'ENOTFOUND' ? 'name.unknown' : 'name.no-answer' }
  }
}

/** Whether a connection can be made; it is closed at once. */
export async function probeConnection({ host, port }: Place, limits: ProbeLimits): Promise<ConnectionFinding> {
  const socket = connectTcp({ host, port })
  try {
    await inTime(event(socket, 'connect'), limits)
    return { code: 'connection.made' }
  } catch (error) {
    const fault = errorCode(error)
    if (fault === 'ECONNREFUSED') return { code: 'connection.refused' }
    if (fault === 'ETIMEDOUT' || fault === timeOut) return { code: 'connection.no-answer' }
    return { code: 'connection.failed', fault }
  } finally {
    socket.destroy()
  }
}

/** Whether a proxy makes a tunnel to a place; it is closed at once. */
export async function probeProxy(
  place: Place,
  proxy: ProxyServer,
  secureContext: SecureContext | undefined,
  { patience }: ProbeLimits,
): Promise<ConnectionFinding> {
  try {
    const socket = await openTunnel(place, { proxy, patience, secureContext })
    socket.destroy()
    return { code: 'proxy.passes' }
  } catch (error) {
    return proxyFinding(error)
  }
}

/** What a failure says of the proxy. */
export function proxyFinding(error: unknown): ConnectionFinding {
  const detail = error instanceof AppFailure ? (error.failure.detail ?? '') : errorCode(error)
  if (error instanceof AppFailure && !(error instanceof ProxyAway)) {
    if (error.code === 'platform.unreachable') return { code: 'proxy.cannot-reach' }
    if (detail.includes('407')) return { code: 'proxy.wants-user' }
  }
  return { code: 'proxy.refuses', detail }
}

/** Whether the server proves by TLS who it is, directly or through a proxy. */
export async function probeTls(
  place: Place,
  proxy: ProxyServer | null,
  secureContext: SecureContext | undefined,
  limits: ProbeLimits,
): Promise<ConnectionFinding> {
  let under: Socket | null = null
  try {
    under =
      proxy === null ? connectTcp(place) : await openTunnel(place, { proxy, patience: limits.patience, secureContext })
    const socket = connectTls({
      socket: under,
      host: place.host,
      rejectUnauthorized: true,
      ...(isIP(place.host) === 0 ? { servername: place.host } : {}),
      ...(secureContext === undefined ? {} : { secureContext }),
    })
    try {
      await inTime(event(socket, 'secureConnect'), limits)
      const issuer: unknown = socket.getPeerCertificate().issuer
      return { code: 'tls.trusted', protocol: socket.getProtocol() ?? '', issuer: nameIn(issuer) }
    } finally {
      socket.destroy()
    }
  } catch (error) {
    return tlsFault(errorCode(error))
  } finally {
    under?.destroy()
  }
}

/** How a certificate is not believed; other faults mean that no TLS is spoken there. */
function tlsFault(fault: string): ConnectionFinding {
  if (fault === 'ERR_TLS_CERT_ALTNAME_INVALID' || fault === 'HOSTNAME_MISMATCH') return { code: 'tls.other-name' }
  if (fault === 'CERT_HAS_EXPIRED' || fault === 'CERT_NOT_YET_VALID') return { code: 'tls.expired' }
  return isCertificateError(fault) ? { code: 'tls.untrusted', fault } : { code: 'tls.not-spoken', fault }
}

function nameIn(issuer: unknown): string {
  const { CN, O } = (issuer ?? {}) as { readonly CN?: unknown; readonly O?: unknown }
  return [CN, O].find(value => typeof value === 'string' && value !== '')?.toString() ?? ''
}

const timeOut = 'BIDSEAL_TIMEOUT'

function event(socket: Socket, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(name, resolve)
    socket.on('error', reject)
    socket.once('close', () => {
      reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))
    })
  })
}

/** Settles with the work, or when the time is over or the caller stops. */
function inTime<T>(work: Promise<T>, { patience, signal }: ProbeLimits): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => {
      reject(new AppFailure('cancelled', 'stopped at the request of the caller'))
    }
    const timer = setTimeout(() => {
      reject(Object.assign(new Error('too slow'), { code: timeOut }))
    }, patience)
    signal?.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    })
  })
}
