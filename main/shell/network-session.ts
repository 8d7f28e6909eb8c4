import { session as sessions } from 'electron'
import type { Session } from 'electron'
import type { NetworkSettings } from '../store/index.ts'
import { lockSession } from './page-session.ts'

/** SECURITY: A3, A4, the one session with a network; no page ever has it. */
export function networkSession(): Session {
  const network = sessions.fromPartition('network', { cache: false })
  lockSession(network, url => url.startsWith('http://') || url.startsWith('https://'))
  return network
}

/** Has a session go the way of the settings. Chromium asks this computer itself through no proxy, whatever is set. */
export async function useProxy(session: Session, proxy: NetworkSettings['proxy']): Promise<void> {
  await session.setProxy(configOf(proxy))
  // Connections of the old way would be used again.
  await session.closeAllConnections()
}

function configOf(proxy: NetworkSettings['proxy']): Parameters<Session['setProxy']>[0] {
  if (proxy.mode === 'none') return { mode: 'direct' }
  return proxy.mode === 'system' ? { mode: 'system' } : { mode: 'fixed_servers', proxyRules: proxy.url }
}
