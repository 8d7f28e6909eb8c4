import { CryptoFailure, displayName, findCreditCode, parseCertificate, toHex } from '../../crypto/index.ts'
import type { Certificate } from '../../crypto/index.ts'

/** A certificate as people and other programs read it. Times are RFC 3339 UTC, the serial number hex. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  /** 统一社会信用代码, null where the certificate holds none. */
  readonly creditCode: string | null
  readonly validFrom: string
  readonly validTo: string
  /** The kind of its key: `RSA 2048`, `P-256`, `SM2`, or the dotted number of an unknown one. */
  readonly algorithm: string
}

/** The facts of a parsed certificate. */
export function certificateFacts(certificate: Certificate): CertificateFacts {
  return {
    subject: displayName(certificate.subject),
    issuer: displayName(certificate.issuer),
    serial: toHex(certificate.serial),
    creditCode: findCreditCode(certificate)?.code ?? null,
    validFrom: certificate.notBefore.toISOString(),
    validTo: certificate.notAfter.toISOString(),
    algorithm: keyName(certificate),
  }
}

/** The facts of a certificate as it stands on a token; null for one this program can't read (a token may hold anything). */
export function readableFacts(der: Uint8Array): CertificateFacts | null {
  try {
    return certificateFacts(parseCertificate(der))
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}

/** The kind of a certificate's key in a word people know. */
export function keyName({ key }: Certificate): string {
  if (key.kind === 'rsa') return `RSA ${key.bits}`
  if (key.kind === 'ec') return key.curve
  return key.kind === 'sm2' ? 'SM2' : key.oid
}
