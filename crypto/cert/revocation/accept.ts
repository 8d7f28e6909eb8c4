import { CryptoFailure } from '../../errors.ts'
import { sameBytes } from '../../der/writer.ts'
import type { Certificate } from '../certificate.ts'
import { sameName } from '../name-match.ts'
import { isSignedBy } from '../signature-algorithm.ts'
import { isCertIdOf } from './cert-id.ts'
import { parseCrl } from './crl.ts'
import { crlSigner } from './crl-signer.ts'
import { judgeByOcsp } from './judge-ocsp.ts'
import { parseOcspResponse } from './ocsp-response.ts'
import { clockSkewMs, type Statement } from './verdict.ts'

/**
 * Whether bytes from anywhere are a list worth keeping for the first certificate of a valid path (leaf to anchor): readable,
 * whole (no delta), of its issuer's name, signed by an authority of the path, not from the future. Answers the span the list
 * speaks for, null for anything else. An expired one is worth keeping: it speaks for an earlier time.
 */
export function acceptableCrl(der: Uint8Array, path: readonly Certificate[], now: Date): Statement | null {
  return nullIfBroken(() => {
    const [certificate, ...above] = path
    const crl = parseCrl(der)
    if (certificate === undefined || crl.isDelta || !sameName(crl.issuer, certificate.issuer)) return null
    if (crlSigner(crl, above, { certificates: [], at: now }, () => false) === null) return null
    return spanOf(crl, now)
  })
}

/**
 * The same for an OCSP answer: about the first certificate of the path, signed by who may, says good or revoked. An answer
 * that repeats another nonce than the one sent is none; many repeat none.
 */
export function acceptableOcspResponse(
  der: Uint8Array,
  path: readonly Certificate[],
  now: Date,
  sentNonce?: Uint8Array,
): Statement | null {
  return nullIfBroken(() => {
    const [certificate, issuer] = path
    if (certificate === undefined || issuer === undefined) return null
    const response = parseOcspResponse(der)
    if (response.nonce !== null && sentNonce !== undefined && !sameBytes(response.nonce, sentNonce)) return null
    const verdict = judgeByOcsp(certificate, issuer, [response], now, () => false)
    const answer = response.answers.find(({ id }) => isCertIdOf(id, certificate, issuer))
    return answer === undefined || verdict.status === 'unknown' ? null : spanOf(answer, now)
  })
}

/**
 * Whether `issuer` is an authority that signed this certificate, as far as the two can tell: names equal byte for byte, a
 * CA, and the signature. No trust: that is `validatePath`'s.
 */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return (
    issuer.basicConstraints?.ca === true &&
    sameBytes(issuer.subject, certificate.issuer) &&
    isSignedBy(issuer, certificate)
  )
}

function spanOf({ thisUpdate, nextUpdate }: Statement, now: Date): Statement | null {
  return thisUpdate.getTime() > now.getTime() + clockSkewMs ? null : { thisUpdate, nextUpdate }
}

function nullIfBroken<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return null
  }
}
