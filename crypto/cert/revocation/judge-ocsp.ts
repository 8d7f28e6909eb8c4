import { oids } from '../../der/oids.ts'
import { sameBytes } from '../../der/writer.ts'
import type { Certificate } from '../certificate.ts'
import { sameName } from '../name-match.ts'
import { isSignedBy } from '../signature-algorithm.ts'
import { isCertIdOf, responderKeyHash } from './cert-id.ts'
import { isCertifiedBy } from './crl-signer.ts'
import type { OcspResponse, SingleAnswer } from './ocsp-response.ts'
import { decisive, isRevokedAt, type RevocationVerdict, speaksFor, unknown } from './verdict.ts'

/**
 * What responders say of one certificate (RFC 6960, 3.2). An answer counts when the issuer signed it, or a responder the
 * issuer itself certified for it (4.2.2.2) that `isTakenBack` does not know as revoked.
 */
export function judgeByOcsp(
  certificate: Certificate,
  issuer: Certificate,
  responses: readonly OcspResponse[],
  at: Date,
  isTakenBack: (responder: Certificate) => boolean,
): RevocationVerdict {
  const verdicts = responses.flatMap(response => {
    const answers = response.answers.filter(({ id }) => isCertIdOf(id, certificate, issuer))
    if (answers.length === 0) return []
    if (!isAuthentic(response, issuer, isTakenBack)) {
      return [unknown('unusable', 'an OCSP answer signed by nobody who may give it')]
    }
    return answers.map(answer => verdictOf(answer, at))
  })
  return decisive(verdicts)
}

function verdictOf(answer: SingleAnswer, at: Date): RevocationVerdict {
  const { status, thisUpdate: asOf } = answer
  if (typeof status === 'object' && isRevokedAt(answer, status, at)) {
    return { status: 'revoked', ...status, asOf, source: 'ocsp' }
  }
  if (!speaksFor(answer, at)) return unknown('unusable', 'an OCSP answer of another time')
  if (status === 'unknown') return unknown('unusable', 'the responder does not know the certificate')
  return { status: 'good', asOf, source: 'ocsp' }
}

function isAuthentic(
  response: OcspResponse,
  issuer: Certificate,
  isTakenBack: (responder: Certificate) => boolean,
): boolean {
  if (isNamed(response, issuer) && isSignedBy(issuer, response)) return true
  return response.certificates.some(
    responder =>
      isNamed(response, responder) &&
      responder.extKeyUsage?.includes(oids.ocspSigning) === true &&
      responder.keyUsage?.has('digitalSignature') !== false &&
      isCertifiedBy(issuer, responder, response.producedAt) &&
      isSignedBy(responder, response) &&
      (responder.extensions.has(oids.ocspNoCheck) || !isTakenBack(responder)),
  )
}

function isNamed({ responder }: OcspResponse, certificate: Certificate): boolean {
  return 'name' in responder
    ? sameName(responder.name, certificate.subject)
    : sameBytes(responder.keyHash, responderKeyHash(certificate.publicKeyInfo))
}
