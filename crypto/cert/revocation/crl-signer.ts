import { CryptoFailure } from '../../errors.ts'
import type { Certificate } from '../certificate.ts'
import { sameName } from '../name-match.ts'
import { requireDates, requireKnownExtensions } from '../path-rules.ts'
import { isSignedBy } from '../signature-algorithm.ts'
import type { Crl } from './crl.ts'

/** Certificates that may have signed a list, and the judged time. */
export interface SignerPool {
  readonly certificates: readonly Certificate[]
  readonly at: Date
}

/**
 * Who signed a list (RFC 5280, 6.3.3 (f) and (g)): an authority of the path itself (`above`), or a second key of the same
 * name that an authority of the path certified for signing lists; `isGood` says whether that one has not been taken back.
 * Null where it is nobody of them.
 */
export function crlSigner(
  crl: Crl,
  above: readonly Certificate[],
  { certificates, at }: SignerPool,
  isGood: (signer: Certificate, above: readonly Certificate[]) => boolean,
): Certificate | null {
  const own = above.find(one => one.keyUsage?.has('cRLSign') !== false && isSigner(one, crl))
  if (own !== undefined) return own
  const second = certificates.find(one => {
    if (one.keyUsage?.has('cRLSign') !== true || !isSigner(one, crl)) return false
    const index = above.findIndex(authority => isCertifiedBy(authority, one, at))
    return index >= 0 && isGood(one, above.slice(index))
  })
  return second ?? null
}

/** Whether an authority certified this key, and it may be used at a time: its names, signature, dates and extensions. */
export function isCertifiedBy(authority: Certificate, certificate: Certificate, at: Date): boolean {
  if (!sameName(authority.subject, certificate.issuer) || authority.keyUsage?.has('keyCertSign') === false) return false
  try {
    requireKnownExtensions(certificate)
    requireDates([certificate], at)
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return false
  }
  return isSignedBy(authority, certificate)
}

function isSigner(certificate: Certificate, crl: Crl): boolean {
  return sameName(certificate.subject, crl.issuer) && isSignedBy(certificate, crl)
}
