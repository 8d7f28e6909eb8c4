import { CryptoFailure } from '../../errors.ts'
import type { Certificate } from '../certificate.ts'
import { sameGeneralName } from '../general-name.ts'
import { sameName } from '../name-match.ts'
import { type Crl, serialKey } from './crl.ts'
import { crlSigner } from './crl-signer.ts'
import { allReasons, type DistributionPoint, distributionPoints } from './distribution-points.ts'
import { decisive, isRevokedAt, type RevocationVerdict, speaksFor, unknown } from './verdict.ts'

/** Most keys of their own that lists may be signed with above one another. */
const maxDepth = 2

/** Lists at hand, certificates that may have signed them, and the judged time. */
export interface CrlEvidence {
  readonly crls: readonly Crl[]
  readonly certificates: readonly Certificate[]
  readonly at: Date
}

/**
 * What lists say of one certificate (RFC 5280, 6.3.3, without delta and indirect lists). `above` is its path: issuer to
 * anchor. Several lists may share the reasons among them; only all of them together make a certificate good.
 */
export function judgeByCrls(
  certificate: Certificate,
  above: readonly Certificate[],
  evidence: CrlEvidence,
  depth = 0,
): RevocationVerdict {
  const ofIssuer = evidence.crls.filter(crl => sameName(crl.issuer, certificate.issuer))
  const points = readPoints(certificate)
  const verdicts: RevocationVerdict[] = []
  if (points.some(({ indirect }) => indirect)) {
    verdicts.push(unknown('unsupported', 'somebody else than the issuer publishes its revocations'))
  }
  const good: Covering[] = []
  let readable = true
  for (const crl of ofIssuer) {
    const found = judgeByCrl(crl, certificate, points, above, evidence, depth)
    if (found.status === 'covers') good.push(found)
    else {
      verdicts.push(found)
      // A delta changes what whole lists say: where one is at hand and is not read, nothing is good or held by them.
      if (crl.isDelta && found.status === 'unknown' && found.why === 'unsupported') readable = false
    }
  }
  if (readable) verdicts.push(...together(good))
  else if (verdicts.some(isLiftable)) return decisive(verdicts.filter(verdict => !isLiftable(verdict)))
  return decisive(verdicts)
}

interface Covering {
  readonly status: 'covers'
  readonly reasons: ReadonlySet<number>
  readonly asOf: Date
}

function judgeByCrl(
  crl: Crl,
  certificate: Certificate,
  points: readonly DistributionPoint[],
  above: readonly Certificate[],
  evidence: CrlEvidence,
  depth: number,
): RevocationVerdict | Covering {
  const { at } = evidence
  const isGood = (signer: Certificate, signersAbove: readonly Certificate[]) =>
    depth < maxDepth && judgeByCrls(signer, signersAbove, evidence, depth + 1).status === 'good'
  if (crlSigner(crl, above, evidence, isGood) === null)
    return unknown('unusable', 'a revocation list that nobody on the path signed')
  if (crl.unsupported !== null) return unknown('unsupported', crl.unsupported)
  const reasons = coveredReasons(crl, certificate, points)
  if (reasons.size === 0) return unknown('none', 'a revocation list of other certificates')
  const entry = crl.revoked.get(serialKey(certificate.serial))
  if (entry !== undefined && isRevokedAt(crl, entry, at)) {
    return { status: 'revoked', ...entry, asOf: crl.thisUpdate, source: 'crl' }
  }
  if (!speaksFor(crl, at)) return unknown('unusable', 'a revocation list of another time')
  return { status: 'covers', reasons, asOf: crl.thisUpdate }
}

/** RFC 5280, 6.3.3 (b) and (d): for which reasons a list speaks of this certificate. */
function coveredReasons(crl: Crl, certificate: Certificate, points: readonly DistributionPoint[]): ReadonlySet<number> {
  const { scope } = crl
  if (scope === null) return allReasons
  const isAuthority = certificate.basicConstraints?.ca === true
  if (scope.only === 'attributes' || (scope.only === 'users' && isAuthority)) return new Set()
  if (scope.only === 'authorities' && !isAuthority) return new Set()
  if (scope.names.length === 0) return scope.reasons
  // Without a point of its own a certificate's news are under its issuer's name (6.3.3, last paragraph).
  const own: DistributionPoint = {
    names: [{ kind: 'directory', name: certificate.issuer }],
    reasons: allReasons,
    indirect: false,
  }
  const matching = [...points, own].filter(
    ({ names, indirect }) => !indirect && names.some(name => scope.names.some(one => sameGeneralName(name, one))),
  )
  return new Set([...scope.reasons].filter(reason => matching.some(({ reasons }) => reasons.has(reason))))
}

/** Good by the newest list that speaks for every reason, else by all lists together, as of the oldest. */
function together(lists: readonly Covering[]): readonly RevocationVerdict[] {
  if (lists.length === 0) return []
  const whole = lists.filter(({ reasons }) => reasons.size === allReasons.size)
  const covered = new Set(lists.flatMap(({ reasons }) => [...reasons]))
  if (covered.size < allReasons.size) return [unknown('unusable', 'revocation lists for some reasons only')]
  const times = (whole.length > 0 ? whole : lists).map(({ asOf }) => asOf.getTime())
  const asOf = new Date(whole.length > 0 ? Math.max(...times) : Math.min(...times))
  return [{ status: 'good', asOf, source: 'crl' }]
}

function isLiftable(verdict: RevocationVerdict): boolean {
  return verdict.status === 'revoked' && verdict.reason === 'certificateHold'
}

function readPoints(certificate: Certificate): readonly DistributionPoint[] {
  try {
    return distributionPoints(certificate)
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    // Lists with a place of their own then match nothing; whole ones still do.
    return []
  }
}
