import { matchesSkfToken, matchesToken, parseTokenUri } from '../../../crypto/index.ts'
import type { TokenDriver, TokenSummary, TokenUri } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { ModuleReference, TokenHosts } from '../ports.ts'
import { driverOf } from './loadable.ts'
import { modulesOfUri } from './modules.ts'

/** A token that is plugged in, with the driver that found it. */
export interface FoundToken {
  readonly module: ModuleReference
  readonly driver: TokenDriver
  readonly summary: TokenSummary
}

/**
 * The one token a name means, among the modules it can lead to. Throws `token.absent`, `token.wrong-lock` where several bear
 * the name, `token.driver-*`, `arguments.bad`.
 */
export async function findToken(
  hosts: TokenHosts,
  modules: readonly ModuleReference[],
  uri: string,
): Promise<FoundToken> {
  const candidates: FoundToken[] = []
  for (const module of modulesOfUri(uri, modules)) {
    const driver = driverOf(hosts, module)
    for (const summary of await driver.list()) {
      if (meansToken(uri, summary)) candidates.push({ module, driver, summary })
    }
  }
  const [only] = candidates
  if (only === undefined) throw new AppFailure('token.absent', 'no token of this name is plugged in')
  if (candidates.length > 1) {
    throw new AppFailure('token.wrong-lock', 'several tokens bear this name; use the whole URI that token list prints')
  }
  return only
}

/** Whether a name means a token of the modules that it leads to. */
export function meansToken(uri: string, summary: TokenSummary): boolean {
  const parsed: TokenUri = parseTokenUri(uri)
  if (parsed.kind === 'soft') return true
  if (parsed.kind === 'pkcs11') return matchesToken(parsed, summary)
  const own = parseTokenUri(summary.uri)
  if (own.kind !== 'skf') return false
  const { token: label = '', serial = '', manufacturer = '', application = '' } = own
  return matchesSkfToken(parsed, { label, serial, manufacturer, application })
}
