import { sameBytes } from '../der/writer.ts'
import { CryptoFailure, recode } from '../errors.ts'
import type { Certificate } from './certificate.ts'
import { sameName } from './name-match.ts'
import { type LeafUse, requireDates, requireLeafUse, requireRules } from './path-rules.ts'
import { signatureScheme, verifySignedBy } from './signature-algorithm.ts'

export type { LeafUse } from './path-rules.ts'

/** What is to be judged: a leaf, what may lead to an anchor, and the time. */
export interface PathRequest {
  readonly leaf: Certificate
  /** Certificates that may stand between leaf and anchor, in any order. */
  readonly intermediates: readonly Certificate[]
  /** Roots trusted by the caller, for instance the tender's accepted authorities. */
  readonly anchors: readonly Certificate[]
  /** The time at which every certificate must be valid. */
  readonly at: Date
  readonly leafUse: LeafUse
  /**
   * Every one of `intermediates` must be on the path and none a root: the rule for what a message lists. Where the anchor
   * is an issuing authority and listed itself, the path goes on above it through what else is listed.
   */
  readonly requireAllUsed?: boolean
  /**
   * How an issuer is found: `bytes` (the default, and the rule for every signature of the format) by a name equal byte for
   * byte, `rfc5280` also by one that differs in capitals, spaces or the type of string (7.1).
   */
  readonly names?: 'bytes' | 'rfc5280'
}

/** Most certificates a message may list and longest path that is followed. */
const maxCertificates = 16

/** Most signatures checked for one path, so that hostile lists of equal names cost nothing. */
const maxVerifications = 64

/**
 * Finds and judges the path from a certificate to a trusted root (seal-format, "CMS profile", Chain; RFC 5280, 6.1): names
 * chained, every signature, validity at the judged time, CA, path length, keyCertSign, name constraints, no SHA-1, no
 * unknown critical extension, no demand for a policy. Revocation is `judgeRevocation`'s. Answers leaf to anchor. Throws
 * `cert.expired` when only the dates are wrong, `cert.untrusted` when there is no path or a certificate may not do its part,
 * `cert.unsupported` for keys, algorithms, policies and constraints this program cannot judge.
 */
export function validatePath(request: PathRequest): readonly Certificate[] {
  const { leaf, intermediates, anchors, at, leafUse } = request
  if (intermediates.length > maxCertificates) throw untrusted(`more than ${maxCertificates} certificates are listed`)
  requireListedOnce(leaf, intermediates, anchors, request.requireAllUsed === true)
  requireLeafUse(leaf, leafUse)
  const matches = request.names === 'rfc5280' ? isSameName : sameBytes
  const search: Search = { intermediates, anchors, matches, verifications: 0, failure: null }
  for (const path of pathsFrom([leaf], search)) {
    try {
      const judged = request.requireAllUsed === true ? [...path, ...aboveAnchor(path, search)] : path
      requireRules(judged, one => matches(one.issuer, one.subject))
      if (request.requireAllUsed === true && intermediates.some(one => !stands(judged, one))) {
        throw untrusted('a listed certificate is not on the path')
      }
      requireDates(judged, at)
      return path
    } catch (error) {
      if (!(error instanceof CryptoFailure)) throw error
      search.failure = moreTelling(search.failure, error)
    }
  }
  throw search.failure ?? untrusted('no path to an accepted authority')
}

interface Search {
  readonly intermediates: readonly Certificate[]
  readonly anchors: readonly Certificate[]
  readonly matches: (a: Uint8Array, b: Uint8Array) => boolean
  verifications: number
  failure: CryptoFailure | null
}

/** Every chain of matching names and holding signatures that ends at an anchor. */
function* pathsFrom(begun: readonly Certificate[], search: Search): Generator<readonly Certificate[]> {
  const last = begun.at(-1)
  if (last === undefined || begun.length > maxCertificates + 1) return
  for (const anchor of search.anchors) {
    if (!stands(begun, anchor) && isIssuer(anchor, last, search)) yield [...begun, anchor]
  }
  for (const candidate of search.intermediates) {
    if (!stands(begun, candidate) && isIssuer(candidate, last, search)) {
      yield* pathsFrom([...begun, candidate], search)
    }
  }
}

/**
 * What is listed above an anchor that is listed itself: a signer whose own intermediates go on to the root need not know
 * where the reader's trust begins. It adds no trust, but is held to every rule of the path.
 */
function aboveAnchor(path: readonly Certificate[], search: Search): readonly Certificate[] {
  let last = path.at(-1)
  if (last === undefined || !stands(search.intermediates, last)) return []
  const above: Certificate[] = []
  while (last !== undefined) {
    const below: Certificate = last
    const taken = [...path, ...above]
    last = search.intermediates.find(one => !stands(taken, one) && !isSelfIssued(one) && isIssuer(one, below, search))
    if (last !== undefined) above.push(last)
  }
  return above
}

function isSelfIssued({ issuer, subject }: Certificate): boolean {
  return sameBytes(issuer, subject)
}

/** Names that cannot be read are nobody's. */
function isSameName(a: Uint8Array, b: Uint8Array): boolean {
  return sameBytes(a, b) || recode('cert.unsupported', () => sameName(a, b))
}

function stands(path: readonly Certificate[], certificate: Certificate): boolean {
  return path.some(one => sameBytes(one.der, certificate.der))
}

/** Whose signature over a certificate has held before: that is a matter of bytes, which don't change. */
const signedBy = new WeakMap<Certificate, WeakSet<Certificate>>()

function issuersOf(subject: Certificate): WeakSet<Certificate> {
  const known = signedBy.get(subject) ?? new WeakSet<Certificate>()
  signedBy.set(subject, known)
  return known
}

function isIssuer(issuer: Certificate, subject: Certificate, search: Search): boolean {
  if (!search.matches(issuer.subject, subject.issuer)) return false
  search.verifications += 1
  if (search.verifications > maxVerifications) throw untrusted('too many certificates of the same name')
  try {
    const scheme = signatureScheme(subject.signatureAlgorithm)
    if (issuersOf(subject).has(issuer)) return true
    if (verifySignedBy(issuer, scheme, subject.tbs, subject.signature)) {
      issuersOf(subject).add(issuer)
      return true
    }
    throw untrusted('a certificate’s signature does not hold')
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    search.failure = moreTelling(search.failure, error)
    return false
  }
}

/** A message lists intermediates only: no root, not the leaf again, nothing twice. An anchor below a root is no root. */
function requireListedOnce(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
  strict: boolean,
): void {
  if (!strict) return
  for (const [index, certificate] of intermediates.entries()) {
    if (stands(anchors, certificate) && isSelfIssued(certificate))
      throw untrusted('a root is listed among the intermediates')
    if (stands([leaf, ...intermediates.slice(0, index)], certificate)) throw untrusted('a certificate is listed twice')
  }
}

/** Dates tell most (the path was otherwise good), then what cannot be judged, then a named reason. */
function moreTelling(before: CryptoFailure | null, now: CryptoFailure): CryptoFailure {
  const rank = (failure: CryptoFailure) =>
    failure.code === 'cert.expired' ? 2 : failure.code === 'cert.unsupported' ? 1 : 0
  return before === null || rank(now) > rank(before) ? now : before
}

function untrusted(detail: string): CryptoFailure {
  return new CryptoFailure('cert.untrusted', detail)
}
