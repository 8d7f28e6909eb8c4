import { createHash } from 'node:crypto'
import { requireSigningCertificate } from '../../cms/attributes.ts'
import { oids } from '../../der/oids.ts'
import { timeValue } from '../../der/time.ts'
import { CryptoFailure } from '../../errors.ts'
import type { ForeignCms } from './cms-read.ts'

/**
 * The signed attribute that names the signer's certificate: where it stands it must name this one; the CAdES form must have
 * it (RFC 5035). Only ids over SHA-256 and SHA-1 in the plain form are read.
 */
export function requireNamedCertificate({ signed, signer }: ForeignCms, form: string): void {
  const [second] = signed.get(oids.signingCertificateV2) ?? []
  const [first] = signed.get(oids.signingCertificate) ?? []
  if (second === undefined && first === undefined) {
    if (form === 'adbe.pkcs7.detached') return
    throw new CryptoFailure('document.signature', 'the signing certificate is not signed')
  }
  try {
    if (second !== undefined) requireSigningCertificate(second, signer, bytes => hashed('sha256', bytes))
    else if (first !== undefined) requireSigningCertificate(first, signer, bytes => hashed('sha1', bytes))
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    throw new CryptoFailure('document.signature', error.detail, error)
  }
}

/** The time in the signed attributes, which the CAdES form does not have; null without one. */
export function signingTimeOf({ signed }: ForeignCms): Date | null {
  const [value] = signed.get(oids.signingTime) ?? []
  if (value === undefined) return null
  try {
    return timeValue(value)
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}

function hashed(hash: 'sha1' | 'sha256', bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash(hash).update(bytes).digest())
}
