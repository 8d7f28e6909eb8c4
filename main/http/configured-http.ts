import type { SecureContext } from 'node:tls'
import type { NetworkSettings } from '../store/index.ts'
import { readAuthorities, trustContext } from './authorities.ts'
import { nodeHttp } from './node-http.ts'
import type { HttpPort } from './port.ts'
import { wayOut } from './way-out.ts'
import type { WayOut, WayOutParts } from './way-out.ts'

/** What {@link configuredHttp} goes by. */
export interface ConfiguredHttpOptions extends WayOutParts {
  /** Read before each request: a change counts from the next one on. */
  readonly settings: () => Promise<NetworkSettings>
  readonly idleTimeout?: number
}

/**
 * The port over Node's HTTP as the network settings want it: proxy and authorities. A request throws what reading them
 * throws too (`input.unreadable`): nothing goes out past settings that can't be read. Connections made under other settings
 * are not used again.
 */
export function configuredHttp({ settings, idleTimeout, ...parts }: ConfiguredHttpOptions): HttpPort {
  let made: { readonly key: string; readonly port: Promise<HttpPort> } | undefined
  const make = async (now: NetworkSettings): Promise<HttpPort> => {
    const idle = idleTimeout === undefined ? {} : { idleTimeout }
    return nodeHttp({ ...(await connectionParts(now, parts)), ...idle })
  }
  const refresh = (): void => void made?.port.then(each => each.refresh?.()).catch(() => undefined)
  const port = async (): Promise<HttpPort> => {
    const now = await settings()
    const key = JSON.stringify([now.proxy, now.authorities])
    if (made?.key === key) return made.port
    refresh()
    const mine = { key, port: make(now) }
    made = mine
    return mine.port.catch((error: unknown) => {
      // A file that can be read later must not be held against the next request.
      if (made === mine) made = undefined
      throw error
    })
  }
  return { request: async request => (await port()).request(request), refresh }
}

/** The way out and the trust that network settings make. Throws `input.unreadable` for authorities that can't be read. */
export async function connectionParts(
  { proxy, authorities }: NetworkSettings,
  parts: WayOutParts,
): Promise<{ readonly wayOut: WayOut; readonly trust?: SecureContext }> {
  const way = wayOut(proxy, parts)
  // Node's own trust is as good where nothing is added, and costs nothing.
  if (authorities.length === 0) return { wayOut: way }
  return { wayOut: way, trust: await trustContext(await readAuthorities(authorities), parts.environment) }
}
