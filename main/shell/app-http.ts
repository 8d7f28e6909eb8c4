import type { Session } from 'electron'
import { AppFailure } from '../contract/failure.ts'
import { basic, isLoopback, nodeHttp, readAuthorities, trustContext } from '../http/index.ts'
import type { HttpPort, WayOut } from '../http/index.ts'
import type { NetworkSettings } from '../store/index.ts'
import { electronHttp } from './electron-http.ts'
import type { ProxyUser } from './electron-http.ts'
import { useProxy } from './network-session.ts'

export interface AppHttpOptions {
  readonly session: Session
  /** Looked at again from time to time: the command line may change them while the window is open. */
  readonly settings: () => Promise<NetworkSettings>
  /** `BIDSEAL_PROXY_PASSWORD` is taken out of it: children are started with a copy. */
  readonly environment: Record<string, string | undefined>
}

/** Milliseconds for which settings that were read hold. */
const settingsHold = 2_000

/** The settings as they are used: one port made for them. */
interface InUse {
  readonly written: string
  readonly port: HttpPort
}

/**
 * The window's HTTP by the network settings: Chromium's network with the system's proxy or the one that is set, and with the
 * certificates the system trusts. Authorities of the user are added to those: a server that Chromium does not believe is asked
 * by Node, which believes them, through the proxy Chromium would take; nothing has been sent to it until then. Throws what
 * reading the settings throws: nothing goes out past settings that can't be read.
 */
export function appHttp({ session, settings, environment }: AppHttpOptions): HttpPort {
  const variable = 'BIDSEAL_PROXY_PASSWORD'
  const password = environment[variable]
  Reflect.deleteProperty(environment, variable)
  let used: Promise<InUse> | null = null
  let until = 0

  async function current(before: InUse | null): Promise<InUse> {
    const read = await settings()
    const written = JSON.stringify(read)
    if (before?.written === written) return before
    await useProxy(session, read.proxy)
    return { written, port: await portOf(session, read, password) }
  }

  return {
    async request(request) {
      if (used === null || performance.now() > until) {
        until = performance.now() + settingsHold
        const before = used
        used = (async () => current((await before?.catch(() => null)) ?? null))()
        used.catch(() => {
          until = 0
        })
      }
      return (await used).port.request(request)
    },
  }
}

async function portOf(session: Session, settings: NetworkSettings, password: string | undefined): Promise<HttpPort> {
  const { proxy, authorities } = settings
  const known: ProxyUser | null =
    proxy.mode === 'url' && proxy.user !== undefined && password !== undefined ? { user: proxy.user, password } : null
  const chromium = electronHttp({ session, proxyUser: () => Promise.resolve(known) })
  if (authorities.length === 0) return chromium
  const trust = await trustContext(await readAuthorities(authorities))
  return believingMore(chromium, nodeHttp({ wayOut: chromiumsWay(session, known), trust }))
}

/** Asks `first`, and from then on `second` what `first` does not believe. */
function believingMore(first: HttpPort, second: HttpPort): HttpPort {
  const origins = new Set<string>()
  return {
    async request(request) {
      const { origin } = new URL(request.url)
      if (origins.has(origin)) return second.request(request)
      try {
        return await first.request(request)
      } catch (error) {
        const isAtHand = request.body === undefined || request.body instanceof Uint8Array
        // Pieces that have been asked for don't come again.
        if (!(error instanceof AppFailure) || error.code !== 'platform.certificate' || !isAtHand) throw error
        const response = await second.request(request)
        origins.add(origin)
        return response
      }
    },
    refresh: () => second.refresh?.(),
  }
}

/** The proxy that Chromium takes for an address, scripts of the system's (PAC) included. */
function chromiumsWay(session: Session, known: ProxyUser | null): WayOut {
  return async target => {
    if (isLoopback(target.hostname)) return null
    const [way = 'DIRECT'] = (await session.resolveProxy(target.href)).split(';').map(each => each.trim())
    if (way === 'DIRECT') return null
    const [, kind = '', place = ''] = /^(PROXY|HTTPS) (\S+)$/.exec(way) ?? []
    if (kind === '') throw new AppFailure('platform.proxy', 'with own authorities only http and https proxies are used')
    const url = new URL(`${kind === 'HTTPS' ? 'https' : 'http'}://${place}`)
    return { url, authorization: known === null ? null : basic(known.user, known.password) }
  }
}
