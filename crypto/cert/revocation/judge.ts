import { CryptoFailure } from '../../errors.ts'
import type { Certificate } from '../certificate.ts'
import { type Crl, parseCrl } from './crl.ts'
import { type CrlEvidence, judgeByCrls } from './judge-crls.ts'
import { judgeByOcsp } from './judge-ocsp.ts'
import { parseOcspResponse } from './ocsp-response.ts'
import { decisive, type JudgedCertificate, type RevocationVerdict, unknown } from './verdict.ts'

/** What is at hand about revocation; where it came from does not matter, who signed it does. Nobody may change the bytes. */
export interface RevocationEvidence {
  /** Lists of revoked certificates, DER. */
  readonly crls: readonly Uint8Array[]
  /** OCSPResponses, DER. */
  readonly ocspResponses: readonly Uint8Array[]
  /** Certificates of second keys that sign lists; those of responders come in their answers. */
  readonly certificates?: readonly Certificate[]
}

/** Nothing at hand: every verdict is `unknown` with the reason `none`. */
export const noEvidence: RevocationEvidence = { crls: [], ocspResponses: [] }

/** Most lists and most answers that are looked at. */
const maxItems = 64

/** Most certificates of second keys: each may cost a signature for each list. */
const maxSigners = 16

/**
 * Judges for every certificate of a valid path (leaf to anchor, as `validatePath` answers it) but the anchor whether its
 * authority had taken it back at `at`. Pure: nothing is fetched, nothing is kept. Evidence that cannot be read is as good as
 * none. Throws `cert.unsupported` for more than 64 lists, 64 answers or 16 certificates.
 */
export function judgeRevocation(
  path: readonly Certificate[],
  evidence: RevocationEvidence,
  at: Date,
): readonly JudgedCertificate[] {
  const { crls, ocspResponses, certificates = [] } = evidence
  if (Math.max(crls.length, ocspResponses.length) > maxItems || certificates.length > maxSigners) {
    throw new CryptoFailure('cert.unsupported', 'more evidence about revocation than is looked at')
  }
  const lists: CrlEvidence = { crls: readable(crls, parsedCrl), certificates, at }
  const responses = readable(ocspResponses, parseOcspResponse)
  const unread = crls.length + ocspResponses.length - lists.crls.length - responses.length
  return path.slice(0, -1).map((certificate, index) => {
    const above = path.slice(index + 1)
    const [issuer] = above
    const isTakenBack = (responder: Certificate) => judgeByCrls(responder, above, lists).status === 'revoked'
    const verdicts: RevocationVerdict[] = [judgeByCrls(certificate, above, lists)]
    if (issuer !== undefined) verdicts.push(judgeByOcsp(certificate, issuer, responses, at, isTakenBack))
    if (unread > 0) verdicts.push(unknown('unusable', 'a list or an answer that cannot be read'))
    return { ...decisive(verdicts), certificate }
  })
}

/**
 * Refuses a path on which a certificate was taken back (`cert.revoked`) and, with `unknown: 'refuse'`, one of which that is
 * not known: `cert.unsupported` where the evidence is of a kind not judged here, else `cert.untrusted`.
 */
export function requireNotRevoked(
  judged: readonly JudgedCertificate[],
  { unknown: whenUnknown }: { readonly unknown: 'accept' | 'refuse' },
): void {
  for (const verdict of judged) {
    if (verdict.status !== 'revoked') continue
    const since = verdict.since.toISOString()
    const what = verdict.certificate.basicConstraints?.ca === true ? 'the certificate of an authority' : 'a certificate'
    throw new CryptoFailure('cert.revoked', `${what} was revoked at ${since} (${verdict.reason})`)
  }
  if (whenUnknown === 'accept') return
  for (const verdict of judged) {
    if (verdict.status !== 'unknown') continue
    const code = verdict.why === 'unsupported' ? 'cert.unsupported' : 'cert.untrusted'
    throw new CryptoFailure(code, `whether a certificate was revoked is not known: ${verdict.detail}`)
  }
}

const parsedCrls = new WeakMap<Uint8Array, Crl>()

/** Long lists take seconds to read, and one list is asked about several paths: each is read once while its bytes live. */
function parsedCrl(der: Uint8Array): Crl {
  const crl = parsedCrls.get(der) ?? parseCrl(der)
  parsedCrls.set(der, crl)
  return crl
}

/** What can be read of the evidence. */
function readable<T>(pieces: readonly Uint8Array[], parse: (der: Uint8Array) => T): readonly T[] {
  return pieces.flatMap(piece => {
    try {
      return [parse(piece)]
    } catch (error) {
      if (!(error instanceof CryptoFailure)) throw error
      return []
    }
  })
}
