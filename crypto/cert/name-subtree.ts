import { CryptoFailure } from '../errors.ts'
import type { GeneralName } from './general-name.ts'
import { isNameWithin } from './name-match.ts'

/**
 * Whether a name lies in the subtree that a constraint of the same form spans (RFC 5280, 4.2.1.10). What cannot be placed
 * (a URI without a host name, a mail address without a domain) lies in every excluded subtree and in no permitted one.
 * Throws `cert.unsupported` for a constraint on addresses that is none.
 */
export function isInSubtree(base: GeneralName, name: GeneralName, list: 'permitted' | 'excluded'): boolean {
  if (base.kind === 'directory' && name.kind === 'directory') return isNameWithin(base.name, name.name)
  if (base.kind === 'ip' && name.kind === 'ip') return isAddressWithin(base.address, name.address)
  if (base.kind === 'dns' && name.kind === 'dns') return isDnsWithin(lower(base.text), lower(name.text), list)
  if (base.kind === 'uri' && name.kind === 'uri') {
    const host = uriHost(name.text)
    return host === null ? list === 'excluded' : isHostWithin(lower(base.text), host)
  }
  if (base.kind === 'email' && name.kind === 'email') return isMailWithin(base.text, name.text, list)
  return false
}

/** `.example.com` is every host below it, `example.com` that host alone; empty is all. */
function isHostWithin(base: string, host: string): boolean {
  if (base === '') return true
  return base.startsWith('.') ? host.endsWith(base) && host.length > base.length : host === base
}

/** A domain and all below it; a leading dot, which some authorities write, leaves the domain itself out. */
function isDnsWithin(base: string, name: string, list: 'permitted' | 'excluded'): boolean {
  if (base === '' || name === base) return true
  const under = base.startsWith('.') ? base : `.${base}`
  if (name.endsWith(under)) return true
  // `*.example.com` also names the excluded `mail.example.com`.
  return list === 'excluded' && name.startsWith('*.') && under.endsWith(name.slice(1))
}

function isAddressWithin(base: Uint8Array, address: Uint8Array): boolean {
  if (base.length !== 8 && base.length !== 32) {
    throw new CryptoFailure('cert.unsupported', 'a constraint on addresses of unusable length')
  }
  const length = base.length / 2
  if (address.length !== length) return false
  return address.every((byte, index) => {
    const mask = base[length + index] ?? 0
    return (byte & mask) === ((base[index] ?? 0) & mask)
  })
}

/** The host of a URI with an authority, lower case; null where there is none or it is an address. */
function uriHost(uri: string): string | null {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:@[\]]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri)?.[1]
  return host === undefined || /^[\d.]+$/.test(host) ? null : lower(host)
}

/** One mailbox, all of a host, or (with a leading dot) all below a domain. Only capitals before the @ count. */
function isMailWithin(base: string, address: string, list: 'permitted' | 'excluded'): boolean {
  const mailbox = split(address)
  if (mailbox.local === '' || mailbox.host === '') return list === 'excluded'
  if (!base.includes('@')) return isHostWithin(lower(base), mailbox.host)
  const wanted = split(base)
  return wanted.local === mailbox.local && wanted.host === mailbox.host
}

function split(address: string): { readonly local: string; readonly host: string } {
  const at = address.lastIndexOf('@')
  return at < 0 ? { local: '', host: '' } : { local: address.slice(0, at), host: lower(address.slice(at + 1)) }
}

function lower(text: string): string {
  return text.toLowerCase()
}
