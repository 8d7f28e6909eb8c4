import { CryptoFailure, noEvidence, verifySealedBid, verifyTimestamp } from '../../../crypto/index.ts'
import type { Certificate, JobControl, RevocationEvidence, SealedBid } from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'
import type { Judgement } from '../sealed/sealed-file.ts'
import { keptEvidence } from './evidence.ts'
import { type FetchPorts, type RefreshedSource, refreshRevocation } from './refresh.ts'
import { shelfAt } from './shelf.ts'

/** What the home keeps about the certificates a sealed bid carries, for a time of judgement. Fetches nothing. */
export async function evidenceForBid(
  { home }: Pick<Ports, 'home'>,
  bid: SealedBid,
  at: Date,
): Promise<RevocationEvidence> {
  const { certificates, time } = carriedBy(bid)
  return certificates.length === 0 ? noEvidence : keptEvidence(shelfAt(home.revocation), certificates, time ?? at)
}

/**
 * Fetches what the authorities of a sealed bid's certificates publish now, and answers the judgement with all that is then
 * at hand. Only for paths that lead to an anchor: a stranger's certificate makes nobody ask anything. Throws `cancelled`,
 * `output.*`.
 */
export async function refreshedJudgement(
  ports: FetchPorts,
  bid: SealedBid,
  judgement: Judgement,
  control: JobControl,
): Promise<{ readonly judgement: Judgement; readonly sources: readonly RefreshedSource[] }> {
  const sources = await refreshRevocation(ports, await pathsOf(bid, judgement), control)
  const at = judgement.at ?? ports.clock.now()
  return { judgement: { ...judgement, revocation: await evidenceForBid(ports, bid, at) }, sources }
}

/** Leaf to anchor: the signer's, and the time stamp's. None of a bid that does not hold: what is wrong is told elsewhere. */
async function pathsOf(bid: SealedBid, { anchors, at }: Judgement): Promise<readonly (readonly Certificate[])[]> {
  try {
    const { path, timestamp } = await verifySealedBid(bid, { anchors, at, skipParts: true })
    return timestamp === null ? [path] : [path, timestamp.path]
  } catch (error) {
    if (error instanceof CryptoFailure) return []
    throw error
  }
}

/** Certificates whose issuers' news matter, and the time a time stamp moves the judgement to. Nothing is trusted here. */
function carriedBy(bid: SealedBid): { readonly certificates: readonly Certificate[]; readonly time: Date | null } {
  try {
    const { signer, intermediates, signatureOctets } = bid.suite.verifyDetached(bid.headerBytes, bid.signature)
    if (bid.timestamp === null) return { certificates: [signer, ...intermediates], time: null }
    const stamp = verifyTimestamp(bid.timestamp, signatureOctets, bid.suite.id)
    return { certificates: [signer, ...intermediates, stamp.signer, ...stamp.intermediates], time: stamp.time }
  } catch (error) {
    if (error instanceof CryptoFailure) return { certificates: [], time: null }
    throw error
  }
}
