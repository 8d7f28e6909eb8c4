import { oids } from '../../der/oids.ts'
import { context, octetString, oid, sequence } from '../../der/writer.ts'
import type { Certificate } from '../certificate.ts'
import { encodeCertId } from './cert-id.ts'

/** A question to a responder. */
export interface OcspQuestion {
  readonly certificate: Certificate
  readonly issuer: Certificate
  /** The digest the certificate is named by: SHA-1 unless told otherwise. */
  readonly hash?: 'sha1' | 'sha256' | 'sm3'
  /** Random bytes (RFC 8954: 1 to 32) that a fresh answer repeats; responders that keep answers do not. */
  readonly nonce?: Uint8Array
}

/** An unsigned OCSPRequest for one certificate, DER (RFC 6960, 4.1.1). Nothing is sent. */
export function encodeOcspRequest({ certificate, issuer, hash, nonce }: OcspQuestion): Uint8Array {
  const list = sequence(sequence(encodeCertId(certificate, issuer, hash)))
  if (nonce === undefined) return sequence(sequence(list))
  const extension = sequence(oid(oids.ocspNonce), octetString(octetString(nonce)))
  return sequence(sequence(list, context(2, sequence(extension))))
}
