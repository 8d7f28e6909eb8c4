import { oids } from '../der/oids.ts'
import { CryptoFailure } from '../errors.ts'
import { type Certificate, requireUsableKey } from './certificate.ts'
import { requireNameConstraints } from './name-constraints.ts'
import { requireNoPolicyDemand } from './policies.ts'

/** What the first certificate of a path must be allowed to do; `any` where it is only looked at, or judged elsewhere. */
export type LeafUse = 'sign' | 'decrypt' | 'timestamp' | 'any'

/**
 * Extensions this validator acts on or may pass over even when critical: extKeyUsage is ignored by the format (a time
 * stamp's apart); policies, their mappings and inhibitAnyPolicy restrict nothing where none is asked for.
 */
const understood: ReadonlySet<string> = new Set([
  oids.keyUsage,
  oids.basicConstraints,
  oids.extKeyUsage,
  oids.subjectAltName,
  oids.nameConstraints,
  oids.certificatePolicies,
  oids.policyMappings,
  oids.policyConstraints,
  oids.inhibitAnyPolicy,
  oids.subjectKeyIdentifier,
  oids.authorityKeyIdentifier,
])

/**
 * What each certificate of a path (leaf to anchor) must be allowed to do, the leaf's own use apart: RFC 5280, 6.1.3 and
 * 6.1.4. Throws `cert.untrusted`, or `cert.unsupported` for what this program cannot judge.
 */
export function requireRules(path: readonly Certificate[], isSelfIssued: (one: Certificate) => boolean): void {
  for (const [index, certificate] of path.entries()) {
    requireUsableKey(certificate)
    requireKnownExtensions(certificate)
    if (index === 0) continue
    const { basicConstraints, keyUsage } = certificate
    if (basicConstraints?.ca !== true) throw untrusted('an issuer is not an authority (CA)')
    if (keyUsage !== null && !keyUsage.has('keyCertSign')) throw untrusted('an issuer may not sign certificates')
    // RFC 5280, 6.1.4 (l): self-issued certificates do not count.
    const below = path.slice(1, index).filter(one => !isSelfIssued(one)).length
    if (basicConstraints.pathLength !== undefined && below > basicConstraints.pathLength) {
      throw untrusted('a path longer than an authority allows')
    }
  }
  requireNameConstraints(path, isSelfIssued)
  requireNoPolicyDemand(path, isSelfIssued)
}

/** Refuses a certificate that says something which must be understood and is not. Throws `cert.untrusted`. */
export function requireKnownExtensions(certificate: Certificate): void {
  for (const [id, { critical }] of certificate.extensions) {
    if (critical && !understood.has(id)) throw untrusted(`the unknown critical extension ${id}`)
  }
}

/** Requires that every certificate is valid at a time. Throws `cert.expired`. */
export function requireDates(path: readonly Certificate[], at: Date): void {
  for (const { notBefore, notAfter } of path) {
    if (at < notBefore || at > notAfter) {
      const span = `${notBefore.toISOString()} to ${notAfter.toISOString()}`
      throw new CryptoFailure('cert.expired', `a certificate is valid from ${span}, judged at ${at.toISOString()}`)
    }
  }
}

/** Requires that a certificate may do what the first one of a path is to do. Throws `cert.untrusted`. */
export function requireLeafUse({ keyUsage, extKeyUsage, extensions }: Certificate, use: LeafUse): void {
  if (use === 'any') return
  if (use === 'timestamp') {
    // RFC 3161, 2.3: critical and alone; keyUsage, where there is one, has a signing bit and nothing else.
    if (extensions.get(oids.extKeyUsage)?.critical !== true || extKeyUsage?.join() !== oids.timeStamping) {
      throw untrusted('the certificate is not for time stamps alone')
    }
    const others = [...(keyUsage ?? [])].filter(bit => bit !== 'digitalSignature' && bit !== 'nonRepudiation')
    if (others.length > 0 || keyUsage?.size === 0) throw untrusted('the certificate may do more than stamp times')
    return
  }
  // Encryption keys are kept at the authority's key centre too: a signature by one proves nothing.
  const allowed =
    use === 'sign'
      ? keyUsage?.has('digitalSignature') === true || keyUsage?.has('nonRepudiation') === true
      : keyUsage?.has('keyEncipherment') === true ||
        keyUsage?.has('dataEncipherment') === true ||
        keyUsage?.has('keyAgreement') === true
  if (!allowed) throw untrusted(use === 'sign' ? 'the certificate may not sign' : 'the certificate may not decrypt')
}

function untrusted(detail: string): CryptoFailure {
  return new CryptoFailure('cert.untrusted', detail)
}
