import type { SecureContext } from 'node:tls'
import type { NetworkSettings } from '../store/index.ts'
import { readAuthorities, trustContext } from './authorities.ts'
import { nodeHttp } from './node-http.ts'
import type { HttpPort } from './port.ts'
import { wayOut } from './way-out.ts'
import type { WayOut, WayOutParts } from './way-out.ts'

/** What {@link configuredHttp} goes by. */
export interface ConfiguredHttpOptions extends WayOutParts {
  /** Read once, when the first request is made. */
  readonly settings: () => Promise<NetworkSettings>
  readonly idleTimeout?: number
}

/**
 * The port over Node's HTTP as the network settings want it: proxy and authorities. A request throws what reading them
 * throws too (`input.unreadable`): nothing goes out past settings that can't be read.
 */
export function configuredHttp({ settings, idleTimeout, ...parts }: ConfiguredHttpOptions): HttpPort {
  let made: Promise<HttpPort> | undefined
  const make = async (): Promise<HttpPort> => {
    const idle = idleTimeout === undefined ? {} : { idleTimeout }
    return nodeHttp({ ...(await connectionParts(await settings(), parts)), ...idle })
  }
  const port = (): Promise<HttpPort> => (made ??= make())
  return {
    request: async request => (await port()).request(request),
    refresh() {
      void made?.then(each => each.refresh?.()).catch(() => undefined)
    },
  }
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
