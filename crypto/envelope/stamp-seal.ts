import { parseCertificate } from '../cert/certificate.ts'
import { validatePath } from '../cert/path.ts'
import { requireDates } from '../documents/authority.ts'
import { CryptoFailure } from '../errors.ts'
import { canonicalTimestamp } from '../sign/canonical-timestamp.ts'
import { verifyTimestamp } from '../sign/timestamp.ts'
import type { SealOptions } from './seal-options.ts'

/** What stands in `META-INF/seal.tsr`, and the time it tells. */
export interface SealStamp {
  /** The response, DER, in its one form. */
  readonly response: Uint8Array
  readonly time: Date
}

/**
 * Has the header's signature stamped, where the caller wants it. What comes back is written in the one form a sealed bid may
 * carry, and judged as every reader will judge it: over this signature, its authority under an accepted one, the signer's
 * certificate valid at its time. Throws `seal.timestamp` for a stamp that no reader would take, and what `stamp` throws.
 */
export async function stampSeal(
  { stamp, suite, tender, signer }: SealOptions,
  headerBytes: Uint8Array,
  signature: Uint8Array,
): Promise<SealStamp | null> {
  if (stamp === undefined) return null
  const { signatureOctets } = suite.verifyDetached(headerBytes, signature)
  const answer = await stamp(signatureOctets)
  try {
    const response = canonicalTimestamp(answer, signatureOctets, suite.id)
    const { time, signer: authority, intermediates } = verifyTimestamp(response, signatureOctets, suite.id)
    const judged = { anchors: tender.anchors, at: time, requireAllUsed: true }
    validatePath({ ...judged, leaf: authority, intermediates, leafUse: 'timestamp' })
    requireDates(parseCertificate(signer.certificate), time)
    return { response, time }
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    // Without the cause: a certificate's failure would be told as the bidder's own.
    throw new CryptoFailure('seal.timestamp', `the time stamp cannot be used, ${error.code}: ${error.detail}`)
  }
}
