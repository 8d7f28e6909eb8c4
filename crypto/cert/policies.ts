import { CryptoFailure, recode } from '../errors.ts'
import { oids } from '../der/oids.ts'
import { contextTag, readDer, tags } from '../der/reader.ts'
import { oidString, smallInteger } from '../der/values.ts'
import type { Certificate } from './certificate.ts'
import { readSequence } from './extensions.ts'

/**
 * Follows `explicit_policy` down a path (RFC 5280, 6.1.2 (d), 6.1.3 (f), 6.1.4 (h) and (i), 6.1.5 (a) and (b)). Policies are
 * not processed here: mappings and inhibitAnyPolicy change nothing while no authority demands an explicit policy, and where
 * one does, the path is `cert.unsupported`. A mapping to or from anyPolicy is `cert.untrusted` (6.1.4 (a)). `path` is leaf
 * to anchor; the anchor's own demand counts.
 */
export function requireNoPolicyDemand(path: readonly Certificate[], isSelfIssued: (one: Certificate) => boolean): void {
  // Certificates that may still follow before a policy must be named.
  let room = path.length
  for (const [index, certificate] of [...path.entries()].reverse()) {
    const isAnchor = index === path.length - 1
    if (room === 0) throw demanded()
    requireMappings(certificate)
    if (!isAnchor && (index === 0 || !isSelfIssued(certificate))) room -= 1
    const demand = requireExplicitPolicy(certificate)
    // A leaf's own demand counts where it is immediate.
    if (demand !== null && (index > 0 || demand === 0)) room = Math.min(room, demand)
  }
  if (room === 0) throw demanded()
}

function requireExplicitPolicy({ extensions }: Certificate): number | null {
  const extension = extensions.get(oids.policyConstraints)
  if (extension === undefined) return null
  return recode('cert.unsupported', () => {
    const fields = readSequence(extension.value).fields()
    const explicit = fields.optional(contextTag(0, 'primitive'))
    fields.optional(contextTag(1, 'primitive'))
    fields.end()
    return explicit === null ? null : implicitInteger(explicit.content)
  })
}

function requireMappings({ extensions }: Certificate): void {
  const extension = extensions.get(oids.policyMappings)
  if (extension === undefined) return
  const ids = recode('cert.unsupported', () =>
    readSequence(extension.value)
      .children()
      .flatMap(pair => pair.children().map(oidString)),
  )
  if (ids.includes(oids.anyPolicy)) throw new CryptoFailure('cert.untrusted', 'a policy mapping to or from anyPolicy')
}

function implicitInteger(content: Uint8Array): number {
  return smallInteger(readDer(Uint8Array.of(tags.integer, content.length, ...content)))
}

function demanded(): CryptoFailure {
  return new CryptoFailure('cert.unsupported', 'an authority demands a certificate policy; policies are not processed')
}
