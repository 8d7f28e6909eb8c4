import { type Certificate, parseCertificate } from '../cert/certificate.ts'
import { CryptoFailure } from '../errors.ts'
import type { KeyUse } from './port.ts'

/**
 * What a certificate's keyUsage lets its key do for a bid. Signing and encryption pairs of one company differ in nothing
 * else. A CA's certificate has no use; one without keyUsage has both (RFC 5280, 4.2.1.3).
 */
export function usesOf(certificate: Certificate): readonly KeyUse[] {
  const { keyUsage, basicConstraints } = certificate
  if (basicConstraints?.ca === true || keyUsage?.has('keyCertSign') === true) return []
  if (keyUsage === null) return ['sign', 'decrypt']
  const uses: KeyUse[] = []
  if (keyUsage.has('digitalSignature') || keyUsage.has('nonRepudiation')) uses.push('sign')
  if (keyUsage.has('keyEncipherment') || keyUsage.has('dataEncipherment') || keyUsage.has('keyAgreement')) {
    uses.push('decrypt')
  }
  return uses
}

/** The certificate as parsed, or null for what a token may hold that is none: foreign objects are passed over. */
export function readableCertificate(der: Uint8Array): Certificate | null {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}
