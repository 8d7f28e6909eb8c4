import { findCreditCode, parseCertificate, signDocument } from '../../../crypto/index.ts'
import type { DocumentFields, SealedBid, SignedDocument, Signer } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import type { Ports } from '../ports.ts'
import type { Locks } from '../tokens/locks.ts'
import { requireBiddersLock } from '../tokens/needed-lock.ts'

/**
 * The signer for a bidder: the lock must bear the bid's credit code, and that is found out before its PIN is asked for.
 * Throws `token.wrong-lock` naming both, `token.*`.
 */
export async function bidderSigner(locks: Locks, token: string, bid: SealedBid): Promise<Signer> {
  await requireBiddersLock(locks, token, bid.header.bidder)
  const signer = await locks.signer(token)
  requireBidderSigner(signer, bid)
  return signer
}

/** Who speaks for the bidder: a lock whose certificate bears the bid's credit code. Throws `token.wrong-lock`. */
function requireBidderSigner(signer: Signer, bid: SealedBid): void {
  const code = findCreditCode(parseCertificate(signer.certificate))?.code
  if (code !== bid.header.bidder.creditCode) {
    throw new AppFailure('token.wrong-lock', 'the lock belongs to another company than the bid')
  }
}

/** The kinds by which a bidder makes the platform act. */
type Authorisation = 'submit' | 'withdraw' | 'signIn' | 'confirm' | 'objection'

type Said = 'creditCode' | 'nonce' | 'at'

/** Signs an authorisation: the fields, whose it is, a fresh nonce of the platform, the time. */
export async function authorise<K extends Authorisation>(
  ports: Ports,
  platform: Platform,
  bid: SealedBid,
  signer: Signer,
  kind: K,
  fields: Omit<DocumentFields<K>, Said>,
): Promise<SignedDocument> {
  const said = {
    creditCode: bid.header.bidder.creditCode,
    nonce: await platform.nonce(),
    at: ports.clock.now().toISOString(),
  }
  const all = { ...fields, ...said } as unknown as DocumentFields<K>
  return signDocument(kind, all, signer, bid.suite, ports.clock)
}

/** How a bid is named in `submit` and `withdraw`. */
export function bidReference(bid: SealedBid): Omit<DocumentFields<'submit'>, Said> {
  const { platform, tenderId, lotId } = bid.header.tender
  return { platform, tenderId, lotId, sealDigest: bid.sealDigest, sealId: bid.header.sealId }
}
