import { cpus, hostname, networkInterfaces, release, type, userInfo } from 'node:os'
import { listModules } from '../../tokens/list.ts'
import type { ModuleReference, TokenHosts } from '../../ports.ts'
import type { SeenLock, TraceFacts } from '../facts.ts'

/**
 * What each of the named traces would say of this computer. Only what a tender's rule names is looked for, and nothing of it
 * goes anywhere by being looked at; a name that is not known here has no value.
 */
export function gatherTraces(names: readonly string[]): readonly TraceFacts[] {
  return names.map(name => ({ name, value: valueOf(name) }))
}

/** Every lock that is plugged in now, by its first readable certificate. A library that fails hides no other. */
export async function gatherSeenLocks(
  hosts: TokenHosts,
  modules: readonly ModuleReference[],
): Promise<readonly SeenLock[]> {
  const listed = await listModules(hosts, modules)
  return listed.flatMap(({ tokens }) =>
    tokens.flatMap(({ label, certificates }) => {
      const facts = certificates.flatMap(each => each.facts ?? [])
      const named = facts.find(({ creditCode }) => creditCode !== null) ?? facts[0]
      return named === undefined ? [] : [{ label, name: named.subject, creditCode: named.creditCode }]
    }),
  )
}

function valueOf(name: string): string | null {
  const known = sources[name.toLowerCase().replace(/[\s_-]/g, '')]
  try {
    const value = known?.().trim().slice(0, longest) ?? ''
    return value === '' ? null : value
  } catch {
    // A system that does not tell has no trace.
    return null
  }
}

/** Longest value a seal header holds, in UTF-16 units. */
const longest = 1000

const sources: Readonly<Record<string, () => string>> = {
  machine: hostname,
  hostname,
  mac: () => addresses(({ mac }) => mac),
  ip: () => addresses(({ address }) => address),
  cpu: () => cpus()[0]?.model ?? '',
  os: () => `${type()} ${release()}`,
  user: () => userInfo().username,
}

function addresses(of: (one: { readonly mac: string; readonly address: string }) => string): string {
  const outward = Object.values(networkInterfaces())
    .flatMap(each => each ?? [])
    .filter(({ internal }) => !internal)
  return [...new Set(outward.map(of))].sort().join(', ')
}
