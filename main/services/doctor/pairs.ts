import type { Certificate, KeyUse } from '../../../crypto/index.ts'
import { toHex } from '../../../crypto/index.ts'
import type { CertificatePair } from './report.ts'

/** A certificate that may be half of a pair. */
export interface HalfOfPair {
  readonly keyId: string
  readonly label: string
  readonly certificate: Certificate
  readonly intended: readonly KeyUse[]
}

/**
 * Which signing and encryption certificates belong together: same subject, and of several those nearest in container,
 * key id, issuer and dates. A certificate for both uses is a pair of its own; each other one is in one pair at most.
 */
export function pairsOf(all: readonly HalfOfPair[]): readonly CertificatePair[] {
  const only = (use: KeyUse): HalfOfPair[] => all.filter(({ intended }) => intended.length === 1 && intended[0] === use)
  const candidates = only('sign')
    .flatMap(sign => only('decrypt').map(decrypt => ({ sign, decrypt, nearness: nearness(sign, decrypt) })))
    .filter(({ nearness: near }) => near > 0)
    .sort((one, other) => other.nearness - one.nearness)
  const taken = new Set<HalfOfPair>()
  const pairs: CertificatePair[] = []
  for (const { sign, decrypt } of candidates) {
    if (taken.has(sign) || taken.has(decrypt)) continue
    taken.add(sign).add(decrypt)
    pairs.push({ sign: sign.keyId, decrypt: decrypt.keyId })
  }
  return pairs
}

/** 0 for two that belong to different holders. */
function nearness(sign: HalfOfPair, decrypt: HalfOfPair): number {
  const [one, other] = [sign.certificate, decrypt.certificate]
  if (toHex(one.subject) !== toHex(other.subject)) return 0
  let points = 1
  if (familyOf(sign.keyId) === familyOf(decrypt.keyId)) points += 8
  if (toHex(one.issuer) === toHex(other.issuer)) points += 4
  if (one.notAfter.getTime() === other.notAfter.getTime()) points += 2
  if (sign.label === decrypt.label) points += 1
  return points
}

/** SKF: the container, without the half. Elsewhere vendors count on from one key id to the next, or use one for both. */
function familyOf(keyId: string): string {
  return keyId.slice(0, -2)
}
