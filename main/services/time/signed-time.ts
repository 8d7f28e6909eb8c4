import { decodeDocument, lotOf, toHex, verifyPlatformDocument } from '../../../crypto/index.ts'
import type { Randomness, SignedDocument, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'

/** Between what times the platform was when it signed: milliseconds since 1970. */
export interface SignedTime {
  readonly earliest: number
  readonly latest: number
}

/** A nonce for one question about the time: 64 hex digits. */
export function timeNonce(randomness: Randomness): string {
  return toHex(randomness.bytes(32))
}

/**
 * Reads a signed time: a notice for this tender package, by a certificate it lists for notices and that was valid then,
 * over our nonce. Throws `platform.clock` for anything else: an older answer, another tender's, another signer's.
 */
export function readSignedTime(document: SignedDocument, tender: Tender, nonce: string): SignedTime {
  const { publishedAt } = verified(document, tender, nonce)
  const time = Date.parse(publishedAt)
  // Written without a fraction, the second has begun and may be nearly over.
  return { earliest: time, latest: publishedAt.includes('.') ? time : time + 999 }
}

function verified(document: SignedDocument, tender: Tender, nonce: string): { readonly publishedAt: string } {
  try {
    const { publishedAt } = decodeDocument('notice', document.bytes)
    // Judged at the time it names: the platform's word, whatever this computer's clock says.
    const fields = verifyPlatformDocument('notice', document, tender, 'notice', new Date(publishedAt))
    // SECURITY: without our nonce an answer of yesterday would turn the clock back.
    if (fields.nonce !== nonce) throw untrue('the signed time is an answer to another question')
    const { platformId, tenderId } = tender.fields
    const named = [fields.platformId, fields.tenderId, fields.lotId, fields.packageDigest]
    const asked = [platformId, tenderId, lotOf(tender), tender.packageDigest]
    if (named.join('\n') !== asked.join('\n')) throw untrue('the signed time names another tender package')
    return fields
  } catch (error) {
    if (error instanceof AppFailure) throw error
    throw untrue('the signed time does not verify', error)
  }
}

function untrue(detail: string, cause?: unknown): AppFailure {
  return new AppFailure('platform.clock', detail, cause === undefined ? {} : { cause })
}
