import { AppFailure } from '../contract/failure.ts'
import type { Delivery } from '../store/index.ts'
import type { Desk } from './desks.ts'

/** Where the platform of a sealed bid is reached: as the user set it, else where the bid went before. Throws `arguments.bad`. */
export function platformOf({ settings }: Desk, { packageDigest, platform }: Delivery): string {
  const address = settings.current.platforms[packageDigest] ?? platform
  if (address === undefined) throw new AppFailure('arguments.bad', "the platform's address is not set")
  return address
}

/** An address as it is kept, and the host that is asked. */
export interface PlatformAddress {
  readonly href: string
  readonly host: string
}

/**
 * Reads the address of a platform: origin and path; no user, query or fragment. Without encryption only this computer is
 * reached. Throws `arguments.bad`.
 */
export function platformAddress(text: string): PlatformAddress {
  let url: URL
  try {
    url = new URL(text)
  } catch (error) {
    throw new AppFailure('arguments.bad', 'this is no address', { cause: error })
  }
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))) {
    throw new AppFailure('arguments.bad', 'a platform is reached at a plain https address')
  }
  return { href: url.href.replace(/\/$/, ''), host: url.host }
}

/** The URL parser has made every spelling of an address one: four numbers, or brackets. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
