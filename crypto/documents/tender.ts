import { type Certificate, parseCertificate } from '../cert/certificate.ts'
import { validatePath } from '../cert/path.ts'
import {
  type JudgedCertificate,
  judgeRevocation,
  noEvidence,
  requireNotRevoked,
  type RevocationEvidence,
} from '../cert/revocation/index.ts'
import { CryptoFailure } from '../errors.ts'
import { fromBase64 } from '../json/hex.ts'
import type { DetachedSignature, Suite } from '../suite.ts'
import { sha256Hex } from './digest.ts'
import type { DocumentFields } from './kinds.ts'
import type { CertificatePurpose } from './kinds/tender.ts'
import { type SignedDocument, verifyDocument } from './signed-document.ts'

/** A tender package's `tender.json`, read and with its signature's mathematics verified. */
export interface Tender {
  readonly fields: DocumentFields<'tender'>
  /** Exactly what was signed. */
  readonly bytes: Uint8Array
  /** SHA-256 of `bytes`, hex: names the package everywhere. */
  readonly packageDigest: string
  readonly signature: DetachedSignature
  /** The certificate authorities whose bidders' certificates the tender accepts. */
  readonly anchors: readonly Certificate[]
  /** The platform's certificates for a purpose, in the package's order. */
  certificates(purpose: CertificatePurpose): readonly Certificate[]
}

/**
 * Reads a tender. Its own words decide nothing before {@link requireTenderTrust} has held. Throws `document.*` and
 * `cert.unsupported` for a certificate in it that cannot be read.
 */
export function readTender(document: SignedDocument): Tender {
  const { fields, signature } = verifyDocument('tender', document)
  requireDistinct(fields)
  const listed = fields.certificates.map(({ purpose, certificate }) => ({
    purpose,
    certificate: parseCertificate(fromBase64(certificate)),
  }))
  return {
    fields,
    bytes: document.bytes,
    packageDigest: sha256Hex(document.bytes),
    signature,
    anchors: fields.acceptedCas.map(certificate => parseCertificate(fromBase64(certificate))),
    certificates: purpose => listed.filter(each => each.purpose === purpose).map(each => each.certificate),
  }
}

/**
 * Requires that the tender's signer is a certificate that leads to one of `anchors` (the user's trust list or
 * `--trust`) at the time `at`, and that no certificate on the way had been revoked by then, as far as `revocation` tells.
 * Answers what is known of that. Throws `cert.expired`, `cert.untrusted`, `cert.revoked`, `cert.unsupported`.
 */
export function requireTenderTrust(
  tender: Tender,
  anchors: readonly Certificate[],
  at: Date,
  revocation: RevocationEvidence = noEvidence,
): readonly JudgedCertificate[] {
  const { signer, intermediates } = tender.signature
  const path = validatePath({ leaf: signer, intermediates, anchors, at, leafUse: 'sign', requireAllUsed: true })
  const judged = judgeRevocation(path, revocation, at)
  requireNotRevoked(judged, { unknown: 'accept' })
  return judged
}

/**
 * The tender's certificates for a purpose whose key this suite can make envelopes to. A tender for both suites lists one
 * certificate of each kind; those of the other kind are no recipients.
 */
export function envelopeCertificates(
  tender: Tender,
  purpose: 'agency' | 'opening',
  suite: Pick<Suite, 'requireKey'>,
): readonly Certificate[] {
  return tender.certificates(purpose).filter(certificate => {
    try {
      suite.requireKey(certificate, 'decrypt')
      return true
    } catch (error) {
      if (error instanceof CryptoFailure && error.code === 'cert.unsupported') return false
      throw error
    }
  })
}

/** The part a form of this tender is sealed in (formats.md, "forms"); an id the tender does not know is null. */
export function partOfForm(tender: Tender, formId: string): 'opening' | 'body' | null {
  const form = tender.fields.forms.find(each => each.id === formId)
  if (form === undefined) return null
  return form.part ?? (form.id === 'opening' ? 'opening' : 'body')
}

/** The lot as headers and documents name it: the empty text where the tender has none. */
export function lotOf(tender: Tender): string {
  return tender.fields.lotId ?? ''
}

function requireDistinct(fields: DocumentFields<'tender'>): void {
  for (const list of [fields.forms, fields.documents, fields.clauses]) {
    if (new Set(list.map(each => each.id)).size !== list.length) {
      throw new CryptoFailure('document.malformed', 'the tender names two things alike')
    }
  }
}
