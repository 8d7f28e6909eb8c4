import type { TokenDriver } from '../../crypto/index.ts'
import type { AppTokenHosts } from '../ipc/context.ts'
import type { ModuleProfiles, ModuleReference } from '../services/index.ts'
import { startTokenHost } from '../token-host/index.ts'
import type { StartProcess, TokenHost } from '../token-host/index.ts'

/** One process for each vendor library and soft lock, started when it is first asked. */
export function appTokenHosts(startProcess: StartProcess, withProfile: ModuleProfiles): AppTokenHosts {
  const hosts = new Map<string, TokenHost>()
  const hostOf = (module: ModuleReference): TokenHost => {
    const key = keyOf(module)
    const host = hosts.get(key) ?? startTokenHost({ module: () => withProfile(module), startProcess })
    hosts.set(key, host)
    return host
  }
  const close = async (): Promise<void> => {
    const ending = [...hosts.values()]
    hosts.clear()
    await Promise.all(ending.map(host => host.close().catch(() => undefined)))
  }
  return {
    driver: hostOf,
    close,
    within: signal => ({
      driver: (module): TokenDriver => hostOf(module).within(signal),
      close: async () => undefined,
    }),
    async forget(module) {
      const host = hosts.get(keyOf(module))
      hosts.delete(keyOf(module))
      await host?.close().catch(() => undefined)
    },
  }
}

function keyOf({ kind, path }: ModuleReference): string {
  return `${kind}:${path}`
}
