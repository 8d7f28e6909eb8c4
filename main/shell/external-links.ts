import { shell } from 'electron'

/** The hosts the user's own browser may be sent to. Empty until a page of ours links anywhere. */
export const linkedHosts: ReadonlySet<string> = new Set()

/**
 * Opens an address in the user's browser, if it is one we link to; answers whether it was.
 * SECURITY: S15, the only place that hands an address to the system.
 */
export async function openLink(address: string): Promise<boolean> {
  const url = allowedLink(address, linkedHosts)
  if (url === null) return false
  await shell.openExternal(url)
  return true
}

/** The address as parsed, or null unless it is https, of a listed host on its own port, without a user in it. */
export function allowedLink(address: string, hosts: ReadonlySet<string>): string | null {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return null
  }
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === ''
  return plain && hosts.has(url.hostname) ? url.href : null
}
