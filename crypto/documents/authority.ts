import type { Certificate } from '../cert/certificate.ts'
import { findCreditCode } from '../cert/credit-code.ts'
import { validatePath } from '../cert/path.ts'
import { judgeRevocation, noEvidence, requireNotRevoked, type RevocationEvidence } from '../cert/revocation/index.ts'
import { CryptoFailure } from '../errors.ts'
import type { DocumentFields, DocumentKind } from './kinds.ts'
import type { CertificatePurpose } from './kinds/tender.ts'
import { type SignedDocument, verifyDocument } from './signed-document.ts'
import type { Tender } from './tender.ts'

/**
 * Reads a document of the platform: its signer must be, byte for byte, a certificate the tender package lists for this
 * purpose, valid at `at`. Trust in it comes from the package's own signature. Throws `document.*`, `cert.expired`.
 */
export function verifyPlatformDocument<K extends DocumentKind>(
  kind: K,
  document: SignedDocument,
  tender: Tender,
  purpose: CertificatePurpose,
  at: Date,
): DocumentFields<K> {
  const { fields, signature } = verifyDocument(kind, document)
  requireListedSigner(signature.signer, tender, purpose, at)
  return fields
}

/** Requires that a certificate is one the tender lists for a purpose, may sign, and is within its dates at `at`. */
export function requireListedSigner(signer: Certificate, tender: Tender, purpose: CertificatePurpose, at: Date): void {
  const listed = tender.certificates(purpose).some(each => Buffer.compare(each.der, signer.der) === 0)
  if (!listed) throw new CryptoFailure('document.signature', `the tender does not list the signer for ${purpose}`)
  requireUse(signer, 'sign')
  requireDates(signer, at)
}

/** Whom a bidder's document must come from. */
export interface BidderTrust {
  readonly anchors: readonly Certificate[]
  /** The credit code the signer's certificate must hold. */
  readonly creditCode: string
  /** When the signature is judged. */
  readonly at: Date
  /** Revocation lists and OCSP answers at hand; what they do not speak of is accepted. */
  readonly revocation?: RevocationEvidence | undefined
}

/**
 * Reads a document of a bidder: chain to an accepted authority, and the credit code in the signer's certificate. A
 * renewed certificate of the same bidder is as good. Throws `document.*`, `cert.*`.
 */
export function verifyBidderDocument<K extends DocumentKind>(
  kind: K,
  document: SignedDocument,
  trust: BidderTrust,
): DocumentFields<K> {
  const { fields, signature } = verifyDocument(kind, document)
  const { signer, intermediates } = signature
  const { anchors, at, revocation = noEvidence } = trust
  const path = validatePath({ leaf: signer, intermediates, anchors, at, leafUse: 'sign', requireAllUsed: true })
  requireNotRevoked(judgeRevocation(path, revocation, at), { unknown: 'accept' })
  if (findCreditCode(signer)?.code !== trust.creditCode) {
    throw new CryptoFailure('document.signature', "the signer's certificate bears another credit code")
  }
  return fields
}

/** Requires the key usage bits for signing or for receiving keys. Throws `cert.untrusted`. */
export function requireUse(certificate: Certificate, use: 'sign' | 'decrypt'): void {
  const bits = use === 'sign' ? signingBits : decryptingBits
  if (!bits.some(bit => certificate.keyUsage?.has(bit) === true)) {
    throw new CryptoFailure('cert.untrusted', `the certificate's key usage does not allow it to ${use}`)
  }
}

/** Requires that `at` lies within a certificate's dates. Throws `cert.expired`. */
export function requireDates(certificate: Certificate, at: Date): void {
  if (at < certificate.notBefore) throw new CryptoFailure('cert.expired', 'the certificate is not valid yet')
  if (at > certificate.notAfter) throw new CryptoFailure('cert.expired', 'the certificate has expired')
}

const signingBits = ['digitalSignature', 'nonRepudiation'] as const
const decryptingBits = ['keyEncipherment', 'dataEncipherment', 'keyAgreement'] as const
