import { AppFailure } from '../contract/failure.ts'
import type { ProxySettings } from '../store/index.ts'
import { isLoopback } from './loopback.ts'

/** A proxy and what it is told about who asks. */
export interface ProxyServer {
  /** Its origin, http or https. */
  readonly url: URL
  /** The value of `proxy-authorization`; null for nobody. */
  readonly authorization: string | null
}

/** The proxy a target is asked through; null for none. Throws `platform.proxy` for a setting that names no usable one. */
export type WayOut = (target: URL) => Promise<ProxyServer | null>

/** What a way out is made of. */
export interface WayOutParts {
  /** Variables of the environment: for the mode `system`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The password of the settings' user for the proxy (its host and port); asked once, when it is first needed. Null where
   * nobody gives one.
   */
  readonly password: (user: string, proxy: string) => Promise<string | null>
}

/** Everything directly. */
export const straight: WayOut = () => Promise.resolve(null)

/** The way out of the settings. This computer itself is never asked for through a proxy. */
export function wayOut(settings: ProxySettings, { environment, password }: WayOutParts): WayOut {
  switch (settings.mode) {
    case 'none':
      return straight
    case 'system':
      return outside(target => Promise.resolve(fromEnvironment(target, environment)))
    case 'url': {
      const { url, user } = settings
      let asked: Promise<ProxyServer> | undefined
      const named = async (): Promise<ProxyServer> => {
        const given = user === undefined ? null : await password(user, new URL(url).host)
        const authorization = user === undefined || given === null ? null : basic(user, given)
        return { url: new URL(url), authorization }
      }
      return outside(() => (asked ??= named()))
    }
  }
}

/** The value of an `authorization` header (RFC 7617), UTF-8. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
}

function outside(way: WayOut): WayOut {
  return async target => (isLoopback(target.hostname) ? null : way(target))
}

/** HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY as curl reads them; a small letter wins, as there. */
function fromEnvironment(target: URL, environment: WayOutParts['environment']): ProxyServer | null {
  const value = (name: string): string => (environment[name] ?? environment[name.toUpperCase()] ?? '').trim()
  const named = value(target.protocol === 'https:' ? 'https_proxy' : 'http_proxy') || value('all_proxy')
  if (named === '' || isExempt(target, value('no_proxy'))) return null
  let url: URL
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`)
  } catch (error) {
    throw new AppFailure('platform.proxy', 'the environment names a proxy that is no address', { cause: error })
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AppFailure('platform.proxy', 'the environment names a proxy that is neither http nor https')
  }
  const { username, password } = url
  return {
    url: new URL(url.origin),
    authorization: username === '' ? null : basic(decoded(username), decoded(password)),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A list of names with what is under them, of `name:port`, or `*`. */
function isExempt(target: URL, list: string): boolean {
  const host = target.hostname.toLowerCase().replace(/^\[|\]$/g, '')
  const port = target.port || (target.protocol === 'https:' ? '443' : '80')
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      if (entry === '*') return true
      const [, name = '', only] = /^\[?(.*?)\]?(?::(\d{1,5}))?$/.exec(isBareIpv6(entry) ? `[${entry}]` : entry) ?? []
      const bare = name.replace(/^\*?\./, '')
      if (bare === '' || (only !== undefined && only !== port)) return false
      return host === bare || host.endsWith(`.${bare}`)
    })
}

function isBareIpv6(entry: string): boolean {
  return !entry.startsWith('[') && entry.split(':').length > 2
}
